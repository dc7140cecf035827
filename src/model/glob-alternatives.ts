/** Characters of all the patterns that one stands for, with one more for each. */
const MAX_EXPANDED_LENGTH = 16_384;

/**
 * The patterns without alternatives that `pattern` stands for: `a{b,{c,d}}` is `ab`, `ac` and `ad`. Braces that nothing
 * closes, or with no comma in them, mean themselves; so does what stands behind a `\`. Undefined when they would be
 * longer than MAX_EXPANDED_LENGTH.
 */
export function expandAlternatives(pattern: string): string[] | undefined {
  const expanded = new Set<string>();
  const waiting = [pattern];
  let length = pattern.length + 1;
  // Each step leaves at least one pattern more, so the bound of the length is one of the steps too.
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const group = firstGroup(next);
    if (!group) {
      expanded.add(next);
      continue;
    }
    const { start, commas, end } = group;
    length -= next.length + 1;
    for (const [index, comma] of [...commas, end].entries()) {
      const from = index === 0 ? start : commas[index - 1]!;
      const one = next.slice(0, start) + next.slice(from + 1, comma) + next.slice(end + 1);
      length += one.length + 1;
      if (length > MAX_EXPANDED_LENGTH) return undefined;
      waiting.push(one);
    }
  }
  return [...expanded];
}

interface Group {
  readonly start: number;
  readonly commas: number[];
  end: number;
}

/** The group that begins first: none is around it. */
function firstGroup(pattern: string): Group | undefined {
  const open: Group[] = [];
  let first: Group | undefined;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '\\') at += 1;
    else if (character === '{') open.push({ start: at, commas: [], end: -1 });
    else if (character === ',') open.at(-1)?.commas.push(at);
    else if (character === '}') {
      const closed = open.pop();
      if (!closed || closed.commas.length === 0) continue;
      closed.end = at;
      if (!first || closed.start < first.start) first = closed;
    }
  }
  return first;
}
