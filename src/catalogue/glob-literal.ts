/** Characters that make a glob mean something else than it says, beyond what is taken apart here. */
const TOO_CLEVER = /["\\!]/;

/**
 * The longest text that every path matched by `glob` contains; empty when none is certain. It finds the few paths
 * that are worth the full comparison.
 */
export function globLiteral(glob: string): string {
  if (TOO_CLEVER.test(glob)) return '';
  const runs = withoutGroups(glob).split(/[*?+@]/);
  // `a/**/b` also matches `a/b`, and `a/**` matches `a`: a slash beside a wildcard may stand for nothing.
  const certain = runs.map((run) => run.replace(/^[./]+|\/+$/g, ''));
  return certain.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}

/** Every bracketed group, with what it contains, replaced by a wildcard. */
function withoutGroups(glob: string): string {
  let text = '';
  let depth = 0;
  for (const character of glob) {
    if ('([{'.includes(character)) depth += 1;
    if (depth === 0) text += character;
    if (')]}'.includes(character)) {
      // A closing bracket on its own may be a character like any other or not: nothing beside it is certain.
      depth = Math.max(0, depth - 1);
      if (depth === 0) text += '*';
    }
  }
  return text;
}
