import { dirname } from 'node:path';
import { toError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { FolderFlush } from './folder-flush.ts';
import { stage } from './staging.ts';

/** A small file that is to appear whole under a name that is free. */
export interface NewFile {
  /** Where it is written first, on the same file system; what is there is replaced. Absolute, as `path`. */
  readonly temporary: string;
  readonly path: string;
  readonly bytes: Uint8Array;
  /** µs since the Unix epoch. */
  readonly mtimeUs: number;
  readonly executable: boolean;
}

/** Makes small files, many at once. */
export interface FileMaker {
  /**
   * Makes each file as it is to be, and gives it its name; both are flushed when `durable`. Resolves with what went wrong
   * with each, in the same order: a system error (`EEXIST` when the name is taken); nothing is under its name then, unless
   * it is the name that could not be flushed.
   */
  make(files: readonly NewFile[], durable: boolean): Promise<readonly (Error | undefined)[]>;
}

/** Makes them with the operations of any file system. */
export class PlainFileMaker implements FileMaker {
  readonly #fileSystem: FileSystem;

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
  }

  async make(files: readonly NewFile[], durable: boolean): Promise<readonly (Error | undefined)[]> {
    const outcomes = await Promise.all(
      files.map((file) => this.#make(file, durable).then(() => undefined, toError)),
    );
    return durable ? flushNames(this.#fileSystem, files, outcomes) : outcomes;
  }

  async #make(file: NewFile, durable: boolean): Promise<void> {
    const { temporary, path, bytes, mtimeUs, executable } = file;
    const content = { type: 'file', mtimeUs, executable, target: '' } as const;
    await stage(this.#fileSystem, temporary, { content, body: bytes }, durable);
    await this.#fileSystem.renameNew(temporary, path);
  }
}

/** Flushes the names of those of `files` of which nothing went wrong; resolves with what went wrong by then, as `outcomes`. */
export function flushNames(
  fileSystem: FileSystem,
  files: readonly NewFile[],
  outcomes: readonly (Error | undefined)[],
): Promise<(Error | undefined)[]> {
  const flush = new FolderFlush(fileSystem);
  return Promise.all(
    files.map(async ({ path }, position) => {
      return outcomes[position] ?? flush.sync(dirname(path)).then(() => undefined, toError);
    }),
  );
}
