import { createHash } from 'node:crypto';
import { blake3 } from '../core/blake3.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { FileStat, FileSystem, OpenFile } from '../core/file-system.ts';
import { blockCount, blockRange, blockSizeFor, HASH_BYTES } from '../model/block-layout.ts';
import {
  isSameFile,
  ProgressPace,
  type DigestOutcome,
  type FileHasher,
  type HashOutcome,
  type HashProgress,
  type Unread,
} from './file-hasher.ts';

/** Hashes in this thread, a block at a time: for small files, and wherever there are no threads. */
export class InlineHasher implements FileHasher {
  readonly #files: FileSystem;

  constructor(files: FileSystem) {
    this.#files = files;
  }

  async hash(
    path: string,
    _size: number,
    onProgress?: (progress: HashProgress) => void,
  ): Promise<HashOutcome> {
    return this.#whileUnchanged(path, async (file, stat) => {
      const blocks = new Uint8Array(blockCount(stat.size) * HASH_BYTES);
      const pace = new ProgressPace();
      let known = 0;
      const whole = await forEachBlock(file, stat.size, (block) => {
        blocks.set(blake3(block), known * HASH_BYTES);
        known += 1;
        if (onProgress && known * HASH_BYTES < blocks.length && pace.isWorthTelling(known)) {
          onProgress({ stat, blocks: blocks.slice(0, known * HASH_BYTES) });
        }
      });
      return whole ? { type: 'hashed', stat, blocks, hash: blake3(blocks) } : { type: 'changed' };
    });
  }

  async sha256(path: string): Promise<DigestOutcome> {
    return this.#whileUnchanged(path, async (file, stat) => {
      const digest = createHash('sha256');
      const whole = await forEachBlock(file, stat.size, (block) => digest.update(block));
      return whole ? { type: 'digested', stat, digest: digest.digest() } : { type: 'changed' };
    });
  }

  async #whileUnchanged<Outcome>(
    path: string,
    read: (file: OpenFile, stat: FileStat) => Promise<Outcome | Unread>,
  ): Promise<Outcome | Unread> {
    let file: OpenFile | undefined;
    try {
      file = await this.#files.open(path, 'read');
      const before = await file.stat();
      if (before.type !== 'file') return { type: 'changed' };
      const outcome = await read(file, before);
      return isSameFile(before, await file.stat()) ? outcome : { type: 'changed' };
    } catch (error) {
      return { type: 'failed', code: systemErrorCode(error) ?? 'INTERNAL' };
    } finally {
      await file?.close();
    }
  }
}

/** Returns whether the file was as long as it should be. */
async function forEachBlock(
  file: OpenFile,
  size: number,
  visit: (block: Uint8Array) => void,
): Promise<boolean> {
  const buffer = new Uint8Array(Math.min(size, blockSizeFor(size)));
  for (let index = 0; index < blockCount(size); index += 1) {
    const { offset, length } = blockRange(size, index);
    const block = buffer.subarray(0, length);
    if ((await file.read(block, offset)) < length) return false;
    visit(block);
  }
  return true;
}
