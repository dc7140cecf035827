import { blake3 } from '../core/blake3.ts';
import { blockBuffers } from '../core/buffer-pool.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { FileSystem, OpenFile } from '../core/file-system.ts';
import { blockCount, blockRange } from '../model/block-layout.ts';
import { blockHash } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { BlockMap } from './block-map.ts';
import { sameHash } from './hash-key.ts';

/** Bytes of one write, unless a single block has more: whoever wants to read waits for it. */
const MAX_WRITE_BYTES = 8 * 1024 * 1024;

interface Unwritten {
  readonly bytes: Uint8Array;
  readonly written: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A file on its way: written block by block in any order, under a name of its own outside the index. */
export class TemporaryFile {
  readonly path: string;
  readonly #file: OpenFile;
  #size: number;
  #have: BlockMap;
  /** Blocks that wait for their write, in the order in which they came. */
  readonly #unwritten = new Map<number, Unwritten>();
  /** Settles when none waits any more; undefined when none does. */
  #writing: Promise<void> | undefined;

  private constructor(path: string, file: OpenFile, size: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
    this.#have = new BlockMap(blockCount(size));
  }

  /**
   * Makes the file, or takes up one that an earlier process left: what it holds of `content` is found by reading it,
   * since only what is read back from the disk is known to be there.
   */
  static async open(fileSystem: FileSystem, path: string, content: FileEntry): Promise<TemporaryFile> {
    const left = await openLeft(fileSystem, path);
    const file = left ?? (await fileSystem.open(path, 'create'));
    const old = left !== undefined;
    try {
      const temporary = new TemporaryFile(path, file, content.size);
      await file.truncate(content.size);
      if (old) await temporary.#check(content);
      return temporary;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The blocks that are there and verified. */
  get have(): BlockMap {
    return this.#have;
  }

  get bytes(): number {
    const last = this.#have.length - 1;
    if (last < 0) return 0;
    const { length } = blockRange(this.#size, 0);
    const short = this.#have.has(last) ? length - blockRange(this.#size, last).length : 0;
    return this.#have.count * length - short;
  }

  /**
   * Writes a block. Whoever has verified it adds it to `have`. There is one write at a time: a system lets only one in
   * anyhow, and Linux keeps the other threads of the pool spinning until it is their turn. What waits for it and lies
   * next to each other goes with one write.
   */
  write(index: number, bytes: Uint8Array): Promise<void> {
    // Asked of two sources, it may come twice.
    const waiting = this.#unwritten.get(index);
    if (waiting) return waiting.written;
    let resolve!: () => void;
    let reject!: (error: unknown) => void;
    const written = new Promise<void>((...both) => ([resolve, reject] = both));
    this.#unwritten.set(index, { bytes, written, resolve, reject });
    this.#writing ??= this.#writeAll();
    return written;
  }

  /**
   * The bytes of a block; fewer than it has when the file was cut short by somebody else. They may be given back to
   * `blockBuffers`.
   */
  async read(index: number): Promise<Uint8Array> {
    const { offset, length } = blockRange(this.#size, index);
    const bytes = blockBuffers.take(length);
    return bytes.subarray(0, await this.#file.read(bytes, offset));
  }

  async sync(): Promise<void> {
    await this.#file.sync();
  }

  /** Waits for what is being written: the system may give the number of a closed file to the next that is opened. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #writeAll(): Promise<void> {
    for (const [first] of this.#unwritten) {
      const blocks = this.#takeFrom(first);
      const pieces = blocks.map(({ bytes }) => bytes);
      try {
        await this.#file.write(pieces, blockRange(this.#size, first).offset);
        for (const { resolve } of blocks) resolve();
      } catch (error) {
        for (const { reject } of blocks) reject(error);
      }
    }
    this.#writing = undefined;
  }

  /** The block, and those that follow it. */
  #takeFrom(first: number): Unwritten[] {
    const blocks: Unwritten[] = [];
    let bytes = 0;
    for (let index = first; bytes < MAX_WRITE_BYTES; index += 1) {
      const block = this.#unwritten.get(index);
      if (!block) break;
      this.#unwritten.delete(index);
      blocks.push(block);
      bytes += block.bytes.length;
    }
    return blocks;
  }

  async #check(content: FileEntry): Promise<void> {
    for (let index = 0; index < this.#have.length; index += 1) {
      const wanted = blockHash(content, index);
      if (!wanted) return;
      const bytes = await this.read(index);
      if (sameHash(blake3(bytes), wanted)) this.#have.add(index);
      blockBuffers.give(bytes);
    }
  }
}

/**
 * What an earlier attempt has left at `path`: not a link, which an older version was. A crash in the middle of putting
 * it in place leaves it there under its final name, too, where somebody may have worked on it since: then it is no
 * longer ours to write to.
 */
async function openLeft(fileSystem: FileSystem, path: string): Promise<OpenFile | undefined> {
  let file: OpenFile;
  try {
    file = await fileSystem.open(path, 'write');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ELOOP') await fileSystem.unlink(path);
    else if (code !== 'ENOENT') throw error;
    return undefined;
  }
  try {
    if ((await file.stat()).links <= 1) return file;
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  await fileSystem.unlink(path);
  return undefined;
}
