import { blockCount, blockRange, HASH_BYTES } from '../model/block-layout.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Database } from './database.ts';
import { IS_LIVE_FILE } from './entry-row.ts';

/** Where a block lies in a local file; offset and length in bytes. */
export interface BlockPlace {
  readonly path: RelativePath;
  readonly offset: number;
  readonly length: number;
}

/** Bytes of a hash that make its key: as many as a JavaScript number can hold. What is found is compared in full. */
const PREFIX_BYTES = 6;

/** Where the blocks of local files of more than one block lie; of equal blocks, the one that came last. */
export class BlockTable {
  readonly #statements;

  constructor(database: Database) {
    this.#statements = {
      find: database.prepare(
        `SELECT path, size, number, substr(blocks, number * ${HASH_BYTES} + 1, ${HASH_BYTES})
         FROM block JOIN entry ON entry.row = block.entry WHERE prefix = ? AND ${IS_LIVE_FILE}`,
      ),
      put: database.prepare('INSERT OR REPLACE INTO block (prefix, entry, number) VALUES (?, ?, ?)'),
      remove: database.prepare('DELETE FROM block WHERE prefix = ? AND entry = ?'),
    };
  }

  find(hash: Uint8Array): BlockPlace | undefined {
    if (hash.length !== HASH_BYTES) return undefined;
    const found = this.#statements.find.row(prefixOf(hash, 0));
    if (!found) return undefined;
    const [path, size, number, bytes] = found as [RelativePath, number, number, Buffer];
    if (!bytes.equals(hash)) return undefined;
    return { path, ...blockRange(size, number) };
  }

  /** Brings the places up to date after the row `entry` has got other blocks; `size` is that of the file now. */
  update(entry: number, before: Uint8Array, after: Uint8Array, size: number): void {
    // Most are of one block.
    if (before.length === 0 && blockCount(size) <= 1) return;
    // A file that is being hashed gets more blocks again and again: those that it had stay where they are.
    const grown = Buffer.from(before.buffer, before.byteOffset, before.length).equals(
      after.subarray(0, before.length),
    );
    if (!grown) {
      for (let at = 0; at < before.length; at += HASH_BYTES) {
        this.#statements.remove.run(prefixOf(before, at), entry);
      }
    }
    if (blockCount(size) <= 1) return;
    for (let at = grown ? before.length : 0; at < after.length; at += HASH_BYTES) {
      this.#statements.put.run(prefixOf(after, at), entry, at / HASH_BYTES);
    }
  }
}

function prefixOf(hashes: Uint8Array, at: number): number {
  return Buffer.from(hashes.buffer, hashes.byteOffset, hashes.length).readUIntBE(at, PREFIX_BYTES);
}
