/** More files than this are never deleted or replaced at once without asking. */
const MAX_AT_ONCE = 200;
/** Nor more than this, when they are more than this share of all. */
const MAX_SMALL = 20;
const MAX_SHARE = 0.25;

/**
 * Whether a rule is to be stopped that would delete or replace `count` of the files that it is about. `files`, how many
 * these are, is only asked for when it matters.
 */
export function isTooMuchAtOnce(count: number, files: () => number): boolean {
  if (count > MAX_AT_ONCE) return true;
  return count > MAX_SMALL && count > files() * MAX_SHARE;
}
