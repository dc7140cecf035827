import type { OpenFile } from '../core/file-system.ts';

/** A few bytes of a content that are unlike their surroundings, and where they lie in it. */
export interface Anchor {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** Where to look for an anchor in another file, in bytes; it may reach beyond the file. */
export interface Reach {
  /** Where it is looked for first. */
  readonly near: number;
  readonly before: number;
  readonly after: number;
}

/** Long enough to be nowhere by chance, and searched for at several GB/s. */
export const ANCHOR_BYTES = 64;
/** In an anchor with fewer different bytes (zeros, rows of blanks) there is nothing to recognise. */
const LEAST_VARIETY = 12;
/** Places in a block, evenly spread, where an anchor is looked for. */
const MOST_PLACES = 256;
/** Read at a time. The search does not let go of the thread within it: some 150 µs. */
const PIECE_BYTES = 1024 * 1024;

/** What can serve as an anchor in `block`, which begins at `offset`: as near to its end as can be. */
export function lastAnchor(block: Uint8Array, offset: number): Anchor | undefined {
  const step = Math.max(ANCHOR_BYTES, Math.ceil(block.length / MOST_PLACES));
  for (let at = block.length - ANCHOR_BYTES; at >= 0; at -= step) {
    const bytes = block.subarray(at, at + ANCHOR_BYTES);
    if (new Set(bytes).size >= LEAST_VARIETY) return { bytes: bytes.slice(), offset: offset + at };
  }
  return undefined;
}

/**
 * Where the anchor's bytes lie in `file`: at `near` or after it in ascending order, then before it from piece to piece.
 * `onRead` is told how many bytes each piece has.
 */
export async function* findAnchor(
  file: Pick<OpenFile, 'read'>,
  { bytes }: Anchor,
  { near, before, after }: Reach,
  onRead: (bytes: number) => void,
): AsyncGenerator<number> {
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES + bytes.length - 1);
  const search = async function* (from: number, until: number) {
    // Reaching as far as an anchor that begins before `until` may.
    const piece = buffer.subarray(0, until - from + bytes.length - 1);
    const count = await file.read(piece, from);
    onRead(count);
    const found = piece.subarray(0, count);
    for (let at = found.indexOf(bytes); at >= 0; at = found.indexOf(bytes, at + 1)) yield from + at;
    return count === piece.length;
  };
  const middle = Math.max(0, near);
  for (let from = middle; from <= near + after; from += PIECE_BYTES) {
    if (!(yield* search(from, Math.min(from + PIECE_BYTES, near + after + 1)))) break;
  }
  const start = Math.max(0, near - before);
  for (let until = middle; until > start; until -= PIECE_BYTES) {
    yield* search(Math.max(start, until - PIECE_BYTES), until);
  }
}
