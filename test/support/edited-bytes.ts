import { createCipheriv } from 'node:crypto';

export interface Edit {
  /** In the original. */
  readonly at: number;
  readonly removed: number;
  readonly inserted: number;
}

/** Bytes that look random, the same ones each time. */
export function noise(seed: number, length: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}

/** A copy of `old` with all edits, of which those that lie in what another one removes are left out. */
export function changed(old: Buffer, edits: readonly Edit[]): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  edits
    .toSorted((a, b) => a.at - b.at)
    .forEach(({ at, removed, inserted }, index) => {
      if (at < from) return;
      parts.push(old.subarray(from, at), noise(100 + index, inserted));
      from = Math.min(old.length, at + removed);
    });
  return Buffer.concat([...parts, old.subarray(from)]);
}
