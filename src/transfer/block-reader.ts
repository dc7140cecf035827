import { blockBuffers } from '../core/buffer-pool.ts';
import type { FileSystem, OpenFile } from '../core/file-system.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { OpenFiles } from './open-files.ts';

/** What a file must be, for its bytes to be those of an entry. Two files of one path may be of one size and time. */
export type ExpectedFile = Pick<FileEntry, 'size' | 'mtimeUs' | 'sequence'>;

/** Some bytes of a file, and where they are to lie in memory. */
export interface WantedPart {
  /** Of the file, absolute; links are not followed. */
  readonly path: string;
  readonly expected: ExpectedFile;
  /** Bytes; `at` in the memory. */
  readonly offset: number;
  readonly length: number;
  readonly at: number;
}

/** `changed`: the file is not, or no longer, of the size and time expected. A system error when it cannot be read. */
export type PartRead = 'read' | 'changed' | Error;

export interface PartsRead {
  /** In which each part has its place, whether it was read or not. Of `blockBuffers`, with a user for each part. */
  readonly bytes: Uint8Array;
  /** What became of each part, in the same order. */
  readonly results: readonly PartRead[];
}

/** Reads parts of files that somebody may be changing. */
export interface BlockReader {
  /** Reads parts, at least one, into memory of `length` bytes. Never rejects. */
  read(length: number, parts: readonly WantedPart[]): Promise<PartsRead>;
  /** Holds no file open that is not being read. */
  closeAll(): void;
}

const MAX_OPEN_FILES = 64;

/** Reads each part by itself, with the operations of any file system. */
export class PlainBlockReader implements BlockReader {
  readonly #files: OpenFiles;

  constructor(fileSystem: FileSystem) {
    this.#files = new OpenFiles(fileSystem, MAX_OPEN_FILES);
  }

  async read(length: number, parts: readonly WantedPart[]): Promise<PartsRead> {
    const bytes = blockBuffers.take(length, parts.length);
    const results = parts.map((part) => {
      const target = bytes.subarray(part.at, part.at + part.length);
      return this.#read(target, part).catch((error: Error) => error);
    });
    return { bytes, results: await Promise.all(results) };
  }

  closeAll(): void {
    this.#files.closeAll();
  }

  async #read(bytes: Uint8Array, { path, expected, offset }: WantedPart): Promise<PartRead> {
    const read = async (file: OpenFile) => {
      const count = await file.read(bytes, offset);
      // Looked at after reading: what was read before a change is good, what was read after it is not.
      const { type, size, mtimeUs } = await file.stat();
      const isUnchanged = type === 'file' && size === expected.size && mtimeUs === expected.mtimeUs;
      return count === bytes.length && isUnchanged;
    };
    // A second time, since the file that is held open may be one that has been replaced meanwhile.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (await this.#files.with(path, read, expected.sequence)) return 'read';
      this.#files.discard(path);
    }
    return 'changed';
  }
}
