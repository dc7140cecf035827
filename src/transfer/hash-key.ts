import { textOfBytes } from '../core/byte-text.ts';

/** A hash as the key of a Map. */
export function hashKey(hash: Uint8Array): string {
  return textOfBytes(hash);
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
