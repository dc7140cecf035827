/** Sets (`[a-z]`) and alternatives (`{a,b}`), not nested. */
const PLAIN_GROUP = /\[[^[\](){}/]+\]|\{[^[\](){}]*\}/g;
/** What gives the text around it another meaning. */
const TOO_CLEVER = /["\\!+@|[\](){}]/;
/** Of other characters some are wildcards and some are taken out when they are repeated: none is counted on. */
const NOT_PLAIN = /[^\p{L}\p{M}\p{N} _.\-/]/u;

/**
 * The longest text that every path matched by `glob` contains; empty when none is certain. It finds the few paths
 * that are worth the full comparison.
 */
export function globLiteral(glob: string): string {
  const plain = glob.replace(PLAIN_GROUP, '*');
  if (TOO_CLEVER.test(plain)) return '';
  const runs = plain.split(NOT_PLAIN);
  // `a/**/b` also matches `a/b`, and `a/**` matches `a`: a slash beside a wildcard may stand for nothing,
  // and so may a dot at either end of the pattern.
  const certain = runs.map((run) => run.replace(/^[./]+|[./]+$/g, ''));
  return certain.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}
