const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes of a whole block of most files. */
export const MIN_BLOCK_BYTES = 512 * KIB;
export const MAX_BLOCK_BYTES = 16 * MIB;
/** Bytes of a BLAKE3 hash. */
export const HASH_BYTES = 32;
/** A file that would have more blocks gets larger ones, so that its entry stays small. */
const MANY_BLOCKS = 2048;
const GROWTH = 4;

/**
 * The block size, a power of two in bytes, for a file of `size` bytes: a function of the size alone (PROTOCOL.md, 1.6).
 * Each block costs something wherever it is listed, asked for or written: a file of some 100 KiB is one block.
 */
export function blockSizeFor(size: number): number {
  let blockSize = MIN_BLOCK_BYTES;
  while (blockSize < MAX_BLOCK_BYTES && size > blockSize * MANY_BLOCKS) blockSize *= GROWTH;
  return Math.min(blockSize, MAX_BLOCK_BYTES);
}

/** How many blocks a file of `size` bytes has; none when it is empty. */
export function blockCount(size: number): number {
  return Math.ceil(size / blockSizeFor(size));
}

/** Where block `index` of a file of `size` bytes lies, in bytes. */
export function blockRange(size: number, index: number): { offset: number; length: number } {
  const blockSize = blockSizeFor(size);
  const offset = index * blockSize;
  return { offset, length: Math.min(blockSize, size - offset) };
}
