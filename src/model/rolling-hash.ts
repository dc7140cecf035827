/**
 * A rolling hash over a window of bytes: a cyclic polynomial (buzhash; J. D. Cohen, "Recursive hashing functions for
 * n-grams", ACM TOIS 15(3), 1997) of 32 bits. It finds where a block may lie at any offset; only a strong hash says
 * that it does. The window is a multiple of 32 bytes, as every block size is, so that a byte leaves the hash as it
 * entered it: 32 rotations are none.
 */

/** One word for each byte value: part of the protocol (PROTOCOL.md), made by xorshift32 so that nobody copies a table. */
const WORDS = makeWords();

function makeWords(): Uint32Array {
  const words = new Uint32Array(256);
  let state = 0x9e3779b9;
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return words;
}

/** The hash of `bytes` from `start` to before `end`: an unsigned 32-bit number. */
export function rollingHash(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0;
  for (let at = start; at < end; at += 1) {
    hash = ((hash << 1) | (hash >>> 31)) ^ WORDS[bytes[at]!]!;
  }
  return hash >>> 0;
}

/** The hash of the window one byte on: without `leaving`, the first byte, and with `entering` behind the last. */
export function rollHash(hash: number, leaving: number, entering: number): number {
  return (((hash << 1) | (hash >>> 31)) ^ WORDS[leaving]! ^ WORDS[entering]!) >>> 0;
}
