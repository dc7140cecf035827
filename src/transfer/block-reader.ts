import { blockBuffers } from '../core/buffer-pool.ts';
import type { FileSystem, OpenFile } from '../core/file-system.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { OpenFiles } from './open-files.ts';

/** What a file must be, for its bytes to be those of an entry. Two files of one path may be of one size and time. */
export type ExpectedFile = Pick<FileEntry, 'size' | 'mtimeUs' | 'sequence'>;

/** Reads blocks of files that somebody may be changing. */
export interface BlockReader {
  /**
   * The `length` bytes at `offset` of the file at `path` (absolute; links are not followed), or `changed` when it is
   * not, or no longer, of the size and time expected; they may be given back to `blockBuffers`. Rejects with a system
   * error when it cannot be read.
   */
  read(path: string, expected: ExpectedFile, offset: number, length: number): Promise<Uint8Array | 'changed'>;
  /** Holds no file open that is not being read. */
  closeAll(): void;
}

const MAX_OPEN_FILES = 64;

/** Reads each block by itself, with the operations of any file system. */
export class PlainBlockReader implements BlockReader {
  readonly #files: OpenFiles;

  constructor(fileSystem: FileSystem) {
    this.#files = new OpenFiles(fileSystem, MAX_OPEN_FILES);
  }

  async read(
    path: string,
    expected: ExpectedFile,
    offset: number,
    length: number,
  ): Promise<Uint8Array | 'changed'> {
    const bytes = blockBuffers.take(length);
    const read = async (file: OpenFile) => {
      const count = await file.read(bytes, offset);
      // Looked at after reading: what was read before a change is good, what was read after it is not.
      const { type, size, mtimeUs } = await file.stat();
      const isUnchanged = type === 'file' && size === expected.size && mtimeUs === expected.mtimeUs;
      return count === length && isUnchanged ? 'read' : 'reopen';
    };
    // A second time, since the file that is held open may be one that has been replaced meanwhile.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if ((await this.#files.with(path, read, expected.sequence)) === 'read') return bytes;
      this.#files.discard(path);
    }
    blockBuffers.give(bytes);
    return 'changed';
  }

  closeAll(): void {
    this.#files.closeAll();
  }
}
