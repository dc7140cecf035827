import { blake3 } from '../core/blake3.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { blockCount, blockRange } from '../model/block-layout.ts';
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

/** Files held open while blocks are collected from several. */
const MAX_OPEN_FILES = 8;

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
      return await this.#read(files, twin, 0, content.size, blockHash(content, 0)!);
    } finally {
      files.closeAll();
    }
  }

  /**
   * Copies every block that `target` lacks and a local file has: at a block's place in any of them, or moved by an
   * insertion in the one at `older`. `onBlock` is told of each, in bytes.
   */
  async fill(
    content: FileEntry,
    older: RelativePath,
    target: TemporaryFile,
    signal: AbortSignal,
    onBlock: (bytes: number) => void,
  ): Promise<void> {
    const files = new OpenFiles(this.#parts.fileSystem, MAX_OPEN_FILES);
    const twin = content.hash && this.#parts.index.withHash(content.hash)[0];
    try {
      for (let index = 0; index < blockCount(content.size); index += 1) {
        signal.throwIfAborted();
        const wanted = blockHash(content, index);
        if (!wanted || target.have.has(index)) continue;
        const { offset, length } = blockRange(content.size, index);
        const place = twin ? { path: twin.path, offset, length } : this.#parts.index.findBlock(wanted);
        if (place?.length !== length) continue;
        const bytes = await this.#read(files, place, place.offset, length, wanted);
        if (!bytes) continue;
        await target.write(index, bytes);
        target.have.add(index);
        onBlock(length);
      }
      await this.#fillShifted(files, content, older, target, signal, onBlock);
    } finally {
      files.closeAll();
    }
  }

  /**
   * What follows an insertion (or a removal) is the end of the older version, moved by as much as the size has changed:
   * found block by block from the end, without knowing where the insertion is.
   */
  async #fillShifted(
    files: OpenFiles,
    content: FileEntry,
    older: RelativePath,
    target: TemporaryFile,
    signal: AbortSignal,
    onBlock: (bytes: number) => void,
  ): Promise<void> {
    const old = this.#parts.index.get(older);
    if (!old || old.deleted || old.type !== 'file' || old.size === content.size) return;
    for (let index = blockCount(content.size) - 1; index >= 0; index -= 1) {
      signal.throwIfAborted();
      const wanted = blockHash(content, index);
      if (!wanted || target.have.has(index)) continue;
      const { offset, length } = blockRange(content.size, index);
      const before = offset - (content.size - old.size);
      if (before < 0) return;
      const bytes = await this.#read(files, old, before, length, wanted);
      if (!bytes) return;
      await target.write(index, bytes);
      target.have.add(index);
      onBlock(length);
    }
  }

  /** Undefined when the file no longer holds these bytes there: it is then pulled as if nobody here had it. */
  async #read(
    files: OpenFiles,
    { path }: Pick<FileEntry, 'path'>,
    offset: number,
    length: number,
    wanted: Uint8Array,
  ): Promise<Uint8Array | undefined> {
    const bytes = Buffer.allocUnsafeSlow(length);
    try {
      const count = await files.with(this.#parts.index.locate(path), ({ file }) => file.read(bytes, offset));
      return count === length && sameHash(blake3(bytes), wanted) ? bytes : undefined;
    } catch {
      return undefined;
    }
  }
}
