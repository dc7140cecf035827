import { watch, type FSWatcher } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/**
 * Tells whenever something may have happened to one file, which may be missing and may be a link to another. What is
 * watched are the folders: editors put another file in its place. Nothing is left out because sizes, times or inodes are
 * what they were, since other text may be in such a file.
 */
export class FileWatch {
  readonly #file: string;
  readonly #touched: () => void;
  readonly #failed: (error: Error) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #isClosed = false;

  /** `file` is absolute. `failed` is told what cannot be watched. */
  constructor(file: string, touched: () => void, failed: (error: Error) => void) {
    this.#file = file;
    this.#touched = touched;
    this.#failed = failed;
  }

  /** From when it resolves nothing is missed, at the file or at what it links to now. To be called again after each change. */
  async follow(): Promise<void> {
    const target = await realpath(this.#file).catch(() => this.#file);
    if (this.#isClosed) return;
    const wanted = new Set([this.#file, target]);
    for (const [path, watcher] of this.#watchers) {
      if (wanted.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const path of wanted) if (!this.#watchers.has(path)) this.#watch(path);
  }

  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(path: string): void {
    const name = basename(path);
    try {
      const watcher = watch(dirname(path), (_, changed) => {
        // Some systems do not say what has changed.
        if (changed === null || changed === name) this.#touched();
      });
      watcher.on('error', this.#failed);
      this.#watchers.set(path, watcher);
    } catch (error) {
      this.#failed(error as Error);
    }
  }
}
