import { blake3 } from '../core/blake3.ts';

/** `FileEntry.hash` of a content whose block hashes are `blocks`: their BLAKE3. */
export function contentHash(blocks: Uint8Array): Uint8Array {
  return blake3(blocks);
}
