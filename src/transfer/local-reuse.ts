import { blake3 } from '../core/blake3.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { blockCount, blockRange, blockSizeFor } from '../model/block-layout.ts';
import { blockHash } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { sameHash } from './hash-key.ts';
import { OpenFiles } from './open-files.ts';
import type { TemporaryFile } from './temporary-file.ts';

export interface LocalReuseParts {
  readonly index: LocalIndex;
  readonly fileSystem: FileSystem;
}

/** A file that lacks blocks, and those who care. */
export interface Filling {
  readonly content: FileEntry;
  /** Where an older version may be. */
  readonly older: RelativePath;
  readonly target: TemporaryFile;
  readonly signal: AbortSignal;
  /** A block of so many bytes was found. */
  readonly onBlock: (bytes: number) => void;
}

/** Where a block may lie. */
interface Place {
  readonly path: RelativePath;
  readonly offset: number;
}

/** Files held open while blocks are collected from several. */
const MAX_OPEN_FILES = 8;
/** Blocks that are read, checked and written at the same time. */
const AT_A_TIME = 4;

/** What is here already is not sent: finds the content, or blocks of it, in local files. */
export class LocalReuse {
  readonly #parts: LocalReuseParts;

  constructor(parts: LocalReuseParts) {
    this.#parts = parts;
  }

  /** The bytes of a content of one block, from a local file that has it. */
  async wholeBlock(content: FileEntry): Promise<Uint8Array | undefined> {
    const twin = content.hash && this.#parts.index.withHash(content.hash)[0];
    if (!twin) return undefined;
    const files = new OpenFiles(this.#parts.fileSystem, 1);
    try {
      const bytes = Buffer.allocUnsafeSlow(content.size);
      const found = await this.#read(files, { path: twin.path, offset: 0 }, bytes, blockHash(content, 0)!);
      return found ? bytes : undefined;
    } finally {
      files.closeAll();
    }
  }

  /**
   * Copies every block that the target lacks and a local file has: at a block's place in any of them, or moved by an
   * insertion in the older version.
   */
  async fill(filling: Filling): Promise<void> {
    const files = new OpenFiles(this.#parts.fileSystem, MAX_OPEN_FILES);
    try {
      await this.#fillFromAnywhere(files, filling);
      await this.#fillShifted(files, filling);
    } finally {
      files.closeAll();
    }
  }

  async #fillFromAnywhere(files: OpenFiles, filling: Filling): Promise<void> {
    const { index } = this.#parts;
    const { content } = filling;
    const twin = content.hash && index.withHash(content.hash)[0];
    const missing = missingBlocks(filling).values();
    const work = async () => {
      const buffer = Buffer.allocUnsafeSlow(blockSizeFor(content.size));
      for (const block of missing) {
        const { offset, length } = blockRange(content.size, block);
        const place = twin ? { path: twin.path, offset } : index.findBlock(blockHash(content, block)!);
        if (place) await this.#copy(files, filling, block, place, buffer.subarray(0, length));
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  }

  /**
   * What follows an insertion (or a removal) is the end of the older version, moved by as much as the size has changed:
   * found block by block from the end, without knowing where the insertion is.
   */
  async #fillShifted(files: OpenFiles, filling: Filling): Promise<void> {
    const { content, older: path } = filling;
    const old = this.#parts.index.get(path);
    if (!old || old.deleted || old.type !== 'file' || old.size === content.size) return;
    const missing = missingBlocks(filling).reverse().values();
    let isOver = false;
    const work = async () => {
      const buffer = Buffer.allocUnsafeSlow(blockSizeFor(content.size));
      for (const block of missing) {
        const range = blockRange(content.size, block);
        const offset = range.offset - (content.size - old.size);
        const bytes = buffer.subarray(0, range.length);
        isOver ||= offset < 0 || !(await this.#copy(files, filling, block, { path, offset }, bytes));
        if (isOver) return;
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  }

  /** Returns whether the block was there. */
  async #copy(
    files: OpenFiles,
    { content, target, signal, onBlock }: Filling,
    block: number,
    place: Place,
    bytes: Uint8Array,
  ): Promise<boolean> {
    signal.throwIfAborted();
    if (!(await this.#read(files, place, bytes, blockHash(content, block)!))) return false;
    await target.write(block, bytes);
    target.have.add(block);
    onBlock(bytes.length);
    return true;
  }

  /** Whether the file holds these bytes there still: if not, they are pulled as if nobody here had them. */
  async #read(
    files: OpenFiles,
    { path, offset }: Place,
    bytes: Uint8Array,
    wanted: Uint8Array,
  ): Promise<boolean> {
    try {
      const count = await files.with(this.#parts.index.locate(path), (file) => file.read(bytes, offset));
      return count === bytes.length && sameHash(blake3(bytes), wanted);
    } catch {
      return false;
    }
  }
}

function missingBlocks({ content, target }: Filling): number[] {
  const blocks = Array.from({ length: blockCount(content.size) }, (_, index) => index);
  return blocks.filter((index) => !target.have.has(index) && blockHash(content, index) !== undefined);
}
