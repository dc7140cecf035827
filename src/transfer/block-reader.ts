import { blockBuffers } from '../core/buffer-pool.ts';
import { toError } from '../core/errors.ts';
import type { FileSystem, OpenFile } from '../core/file-system.ts';
import { runsOf } from '../core/runs.ts';
import { isFileOf } from '../index/held-time.ts';
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

/** Reads with the operations of any file system, parts that lie next to each other with one of them. */
export class PlainBlockReader implements BlockReader {
  readonly #files: OpenFiles;

  constructor(fileSystem: FileSystem) {
    this.#files = new OpenFiles(fileSystem, MAX_OPEN_FILES);
  }

  async read(length: number, parts: readonly WantedPart[]): Promise<PartsRead> {
    const bytes = blockBuffers.take(length, parts.length);
    const results = await Promise.all(
      [...runsOf(parts, follows)].map((stretch) => this.#readStretch(bytes, stretch)),
    );
    return { bytes, results: results.flat() };
  }

  closeAll(): void {
    this.#files.closeAll();
  }

  async #readStretch(bytes: Uint8Array, stretch: readonly WantedPart[]): Promise<PartRead[]> {
    const [first] = stretch;
    const length = stretch.reduce((sum, part) => sum + part.length, 0);
    const result = await this.#read(bytes, { ...first!, length });
    if (stretch.length === 1 || !(result instanceof Error)) return stretch.map(() => result);
    // A disk that cannot read one of them may still read the others.
    return Promise.all(stretch.map((part) => this.#read(bytes, part)));
  }

  async #read(bytes: Uint8Array, part: WantedPart): Promise<PartRead> {
    try {
      return await this.#readIfUnchanged(bytes.subarray(part.at, part.at + part.length), part);
    } catch (error) {
      return toError(error);
    }
  }

  async #readIfUnchanged(bytes: Uint8Array, { path, expected, offset }: WantedPart): Promise<PartRead> {
    const read = async (file: OpenFile) => {
      const count = await file.read(bytes, offset);
      // Looked at after reading: what was read before a change is good, what was read after it is not.
      const stat = await file.stat();
      return count === bytes.length && isFileOf(expected, stat);
    };
    // A second time, since the file that is held open may be one that has been replaced meanwhile.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (await this.#files.with(path, read, expected.sequence)) return 'read';
      this.#files.discard(path);
    }
    return 'changed';
  }
}

/** Whether one operation reads both. */
function follows(before: WantedPart, { path, expected, offset, at }: WantedPart): boolean {
  return (
    before.path === path &&
    before.expected.sequence === expected.sequence &&
    before.offset + before.length === offset &&
    before.at + before.length === at
  );
}
