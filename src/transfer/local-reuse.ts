import { blockBuffers } from '../core/buffer-pool.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { blockCount, blockRange, blockSizeFor, HASH_BYTES } from '../model/block-layout.ts';
import { blockHash } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { LocalBlocks } from './local-blocks.ts';
import type { Filling } from './local-blocks.ts';
import { MovedBlocks } from './moved-blocks.ts';

export interface LocalReuseParts {
  readonly index: LocalIndex;
  readonly fileSystem: FileSystem;
}

/** Blocks that are read, checked and written at the same time. */
const AT_A_TIME = 4;

/** What is here already is not sent: finds the content, or blocks of it, in local files. */
export class LocalReuse {
  readonly #parts: LocalReuseParts;

  constructor(parts: LocalReuseParts) {
    this.#parts = parts;
  }

  /** Whether there is a file that may be an older version. */
  hasOlder(path: RelativePath): boolean {
    const old = this.#parts.index.get(path);
    return old?.type === 'file' && !old.deleted && old.size > 0;
  }

  /** Whether local files have every block that is known of a content that its source is still hashing. */
  hasBeginning({ blocks }: FileEntry): boolean {
    for (let at = 0; at < blocks.length; at += HASH_BYTES) {
      if (!this.#parts.index.findBlock(blocks.subarray(at, at + HASH_BYTES))) return false;
    }
    return blocks.length > 0;
  }

  /**
   * The bytes of a content of one block, from a local file that has it; undefined at once where none has. They may be given
   * back to `blockBuffers`.
   */
  wholeBlock(content: FileEntry): Promise<Uint8Array | undefined> | undefined {
    const twin = content.hash && this.#parts.index.withHash(content.hash)[0];
    return twin && this.#readWhole(content, twin.path);
  }

  async #readWhole(content: FileEntry, path: RelativePath): Promise<Uint8Array | undefined> {
    const blocks = new LocalBlocks(this.#parts.index, this.#parts.fileSystem);
    try {
      const bytes = blockBuffers.take(content.size);
      const found = await blocks.read({ path, offset: 0 }, bytes, blockHash(content, 0)!);
      if (found) return bytes;
      blockBuffers.give(bytes);
      return undefined;
    } finally {
      blocks.close();
    }
  }

  /**
   * Copies every block that the target lacks and a local file has: at a block's place in any of them, or moved in the
   * older version. Of the latter it fetches the blocks that have changed, as far as they show what has moved where.
   * Rejects as `fetch` does, or with ABORTED.
   */
  async fill(filling: Filling): Promise<void> {
    const blocks = new LocalBlocks(this.#parts.index, this.#parts.fileSystem);
    try {
      await this.#fillFromAnywhere(blocks, filling);
      const old = this.#parts.index.get(filling.older);
      if (old?.type !== 'file' || old.deleted) return;
      await this.#fillEnd(blocks, filling, old.size);
      await new MovedBlocks(blocks, filling, old.size).fill();
    } finally {
      blocks.close();
    }
  }

  async #fillFromAnywhere(blocks: LocalBlocks, filling: Filling): Promise<void> {
    const { index } = this.#parts;
    const { content } = filling;
    const twin = content.hash && index.withHash(content.hash)[0];
    const missing = missingBlocks(filling).values();
    const work = async () => {
      let buffer: Uint8Array | undefined;
      for (const block of missing) {
        const { offset, length } = blockRange(content.size, block);
        const place = twin ? { path: twin.path, offset } : index.findBlock(blockHash(content, block)!);
        if (!place) continue;
        buffer ??= Buffer.allocUnsafeSlow(blockSizeFor(content.size));
        await blocks.copy(filling, block, place, buffer.subarray(0, length));
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  }

  /**
   * What follows the last insertion (or removal) is the end of the older version, moved by as much as the size has
   * changed: found block by block from the end, without knowing where the insertion is.
   */
  async #fillEnd(blocks: LocalBlocks, filling: Filling, oldSize: number): Promise<void> {
    const { content, older: path } = filling;
    if (oldSize === content.size) return;
    const missing = missingBlocks(filling).reverse().values();
    let isOver = false;
    const work = async () => {
      const buffer = Buffer.allocUnsafeSlow(blockSizeFor(content.size));
      for (const block of missing) {
        const range = blockRange(content.size, block);
        const offset = range.offset - (content.size - oldSize);
        const bytes = buffer.subarray(0, range.length);
        isOver ||= !(await blocks.copy(filling, block, { path, offset }, bytes));
        if (isOver) return;
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  }
}

function missingBlocks({ content, target }: Filling): number[] {
  const blocks = Array.from({ length: blockCount(content.size) }, (_, index) => index);
  return blocks.filter((index) => !target.have.has(index) && blockHash(content, index) !== undefined);
}
