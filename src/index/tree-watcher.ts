import { watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Emitter } from '../core/emitter.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { FolderWatcher, FolderWatcherEvents } from './folder-watcher.ts';

/** Of what `fs.watch` returns. */
interface Handle {
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): void;
}

type Watch = (
  path: string,
  options: { readonly recursive: boolean },
  listener: (event: string, name: string | null) => void,
) => Handle;

/**
 * One watch for each folder directly below the shared one, of all that is in it, and one for the shared folder itself.
 * Windows lets nobody rename or remove a folder while one below it is watched. A single watch of everything would tell of
 * the private folder too, through which all that is received goes, and the system keeps very few events.
 */
export class TreeWatcher implements FolderWatcher {
  readonly events = new Emitter<FolderWatcherEvents>();
  readonly #root: string;
  readonly #watch: Watch;
  /** By the root or a folder directly in it. */
  readonly #watches = new Map<string, Handle>();
  readonly #watched = new Set<string>();

  /** @param root the shared folder, absolute. */
  constructor(root: string, watchTree: Watch = watch) {
    this.#root = root;
    this.#watch = watchTree;
  }

  watch(directory: string): void {
    this.#watched.add(directory);
    const isRoot = directory === this.#root;
    if (this.#watches.has(directory) || !(isRoot || dirname(directory) === this.#root)) return;
    try {
      const watcher = this.#watch(directory, { recursive: !isRoot }, (event, name) => {
        const how = event === 'change' ? 'written' : 'arrived';
        if (name === null) this.#tell(directory, undefined, how);
        else this.#tell(dirname(join(directory, name)), basename(name), how);
      });
      this.#watches.set(directory, watcher);
      watcher.on('error', (error: Error) => this.#failed(directory, watcher, error));
    } catch (error) {
      this.events.emit('failed', directory, systemErrorCode(error) ?? 'INTERNAL');
    }
  }

  unwatch(directory: string): void {
    this.#watched.delete(directory);
    this.#watches.get(directory)?.close();
    this.#watches.delete(directory);
  }

  async close(): Promise<void> {
    for (const watcher of this.#watches.values()) watcher.close();
    this.#watches.clear();
    this.#watched.clear();
    this.events.removeAllListeners();
  }

  /** What lies in folders that have not been looked into yet is found then. */
  #tell(directory: string, name: string | undefined, how: 'arrived' | 'written'): void {
    if (this.#watched.has(directory)) this.events.emit('touched', directory, name, how);
  }

  /** Most often since the folder has been removed, of which its parent tells. */
  #failed(directory: string, watcher: Handle, error: Error): void {
    watcher.close();
    if (this.#watches.get(directory) === watcher) this.#watches.delete(directory);
    this.events.emit('failed', directory, systemErrorCode(error) ?? 'INTERNAL');
  }
}
