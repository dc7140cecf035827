import { blockCount, HASH_BYTES } from './block-layout.ts';
import type { RelativePath } from './relative-path.ts';
import type { VersionVector } from './version-vector.ts';

/** What one device says of one path. */
export interface FileEntry {
  readonly path: RelativePath;
  readonly type: 'file' | 'directory' | 'symlink';
  /** A tombstone: it was here and was deleted. `size` is 0 and there are no blocks. */
  readonly deleted: boolean;
  /** Bytes; 0 unless it is a file. */
  readonly size: number;
  /** µs since the Unix epoch; may be negative. */
  readonly mtimeUs: number;
  readonly executable: boolean;
  /** Where a symbolic link points, as it is written in the link; empty otherwise. */
  readonly target: string;
  readonly version: VersionVector;
  /**
   * BLAKE3 hashes of the blocks, one after the other, HASH_BYTES each. Fewer than `blockCount(size)` while the
   * file is still being hashed: then they are those of its first blocks.
   */
  readonly blocks: Uint8Array;
  /** BLAKE3 of `blocks`: says whether two contents are equal. Undefined while the file is still being hashed. */
  readonly hash: Uint8Array | undefined;
  /** Position in the index of the device that says this: each change gets the next number, from 1. */
  readonly sequence: number;
}

/** Whether all blocks are known. */
export function isHashed(entry: FileEntry): boolean {
  return entry.blocks.length === blockCount(entry.size) * HASH_BYTES;
}

/** The hash of block `index`, or undefined when it is not known yet. A view, not a copy. */
export function blockHash(entry: Pick<FileEntry, 'blocks'>, index: number): Uint8Array | undefined {
  const start = index * HASH_BYTES;
  if (start + HASH_BYTES > entry.blocks.length) return undefined;
  return entry.blocks.subarray(start, start + HASH_BYTES);
}
