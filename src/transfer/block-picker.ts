/** What there is to choose from. */
export interface Choice {
  /** Number of blocks. */
  readonly length: number;
  /** Whether the block is to be asked of the source in question: it has it, and nobody was asked for it yet. */
  wanted(index: number): boolean;
  /** How many sources have the block. */
  holders(index: number): number;
}

/** A run of blocks, `from` included and `until` not. */
export interface Segment {
  readonly from: number;
  readonly until: number;
}

/** Steps after which the best block so far will do. */
const PATIENCE = 8192;

/** The first wanted block from `start` on, beginning anew at the end of the file. */
export function pickInOrder(choice: Choice, start: number): number | undefined {
  for (let step = 0; step < choice.length; step += 1) {
    const index = (start + step) % choice.length;
    if (choice.wanted(index)) return index;
  }
  return undefined;
}

/**
 * The rarest wanted block: in our own segment in order, elsewhere from a random place (`random` in [0, 1)). Those
 * who receive the same file at once begin with different segments, and so fetch different blocks from the one who
 * has them all and then the rest from each other.
 */
export function pickRarest(choice: Choice, own: Segment, random: number): number | undefined {
  const inside = rarestFrom(choice, own.from, own.until - own.from);
  if (inside?.holders === 1) return inside.index;
  const outside = rarestFrom(choice, Math.floor(random * choice.length), choice.length);
  if (!inside || (outside && outside.holders < inside.holders)) return outside?.index;
  return inside.index;
}

function rarestFrom(
  choice: Choice,
  start: number,
  count: number,
): { readonly index: number; readonly holders: number } | undefined {
  let best: { readonly index: number; readonly holders: number } | undefined;
  for (let step = 0; step < count && !(best && step > PATIENCE); step += 1) {
    const index = (start + step) % choice.length;
    if (!choice.wanted(index)) continue;
    const holders = choice.holders(index);
    if (holders <= 1) return { index, holders };
    if (!best || holders < best.holders) best = { index, holders };
  }
  return best;
}

/** Our part of a file of `length` blocks when `members`, in an order that all agree on, receive it at once. */
export function ownSegment(length: number, position: number, members: number): Segment {
  return {
    from: Math.floor((length * position) / members),
    until: Math.floor((length * (position + 1)) / members),
  };
}
