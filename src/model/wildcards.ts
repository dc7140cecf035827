/**
 * Whether `parts` cover the text from 0 to `length`, where the part `wild` stands for any number of items. `step` says
 * where the item at `at` ends if `part` takes it, else -1; `wild` takes any one.
 *
 * Only the last `wild` met is ever gone back to: one before it that took more could not help, since the last one takes
 * whatever that would leave. So no part is held against an item more than once, which bounds the calls of `step` by
 * twice (parts + 1) x items.
 */
export function matchesWildcards<Part>(
  parts: readonly Part[],
  wild: Part,
  length: number,
  step: (part: Part, at: number) => number,
): boolean {
  let index = 0;
  let at = 0;
  let wildIndex = -1;
  let wildAt = 0;
  while (at < length) {
    const part = parts[index];
    if (part === wild) {
      if (index === parts.length - 1) return true;
      wildIndex = index;
      wildAt = at;
      index += 1;
      continue;
    }
    const next = part === undefined ? -1 : step(part, at);
    if (next >= 0) {
      index += 1;
      at = next;
      continue;
    }
    if (wildIndex < 0) return false;
    wildAt = step(wild, wildAt);
    at = wildAt;
    index = wildIndex + 1;
  }
  while (index < parts.length && parts[index] === wild) index += 1;
  return index === parts.length;
}
