/** Sets (`[a-z]`) and alternatives (`{a,b}`), not nested. */
const PLAIN_GROUP = /\[[!^]?[\p{L}\p{N}-]+\]|\{[\p{L}\p{N} _.,-]*\}/gu;
/** What gives the text around it another meaning. */
const TOO_CLEVER = /[\\[\]{}]/;
/** Of other characters some are wildcards and some are taken out when they are repeated: none is counted on. */
const NOT_PLAIN = /[^\p{L}\p{M}\p{N} _.\-/]/u;

/**
 * The texts that every path matched by `glob` contains, the longest first; none when none is certain. They find the
 * few paths that are worth the full comparison.
 */
export function globLiterals(glob: string): string[] {
  const plain = glob.replace(PLAIN_GROUP, '*');
  if (TOO_CLEVER.test(plain)) return [];
  // `a/**/b` also matches `a/b`, and `a/**` matches `a`: a slash beside a wildcard may stand for nothing,
  // and so may a dot at either end of the pattern.
  const runs = plain.split(NOT_PLAIN).map((run) => run.replace(/^[./]+|[./]+$/g, ''));
  return runs.filter((run) => run !== '').sort((a, b) => b.length - a.length);
}
