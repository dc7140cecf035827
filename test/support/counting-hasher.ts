import type { FileSystem } from '../../src/core/file-system.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import type { FileHasher } from '../../src/index/file-hasher.ts';
import { InlineHasher } from '../../src/index/inline-hasher.ts';

/** Counts what is read, and tells when all of it has been. */
export class CountingHasher implements FileHasher {
  readonly #hasher: InlineHasher;
  readonly #under = new Set<Promise<unknown>>();
  count = 0;
  unread = 0;
  /** What has to happen before it is told what was read. */
  held: Promise<unknown> = Promise.resolve();

  constructor(files: FileSystem = new NodeFileSystem()) {
    this.#hasher = new InlineHasher(files);
  }

  hash(path: string, size: number): ReturnType<FileHasher['hash']> {
    this.count += 1;
    this.unread += 1;
    const outcome = this.#hasher.hash(path, size).then(async (hashed) => {
      this.unread -= 1;
      await this.held;
      return hashed;
    });
    this.#under.add(outcome);
    void outcome.finally(() => this.#under.delete(outcome));
    return outcome;
  }

  sha256(path: string): ReturnType<FileHasher['sha256']> {
    return this.#hasher.sha256(path);
  }

  async idle(): Promise<void> {
    while (this.#under.size > 0) await Promise.all(this.#under);
  }
}
