import { dirname, sep } from 'node:path';
import { absolutePath, type FolderPlace } from './found-item.ts';
import type { FolderWatcher } from './folder-watcher.ts';

/** Which folder each watched directory is. Nothing is watched before `start` and after `stop`. */
export class WatchedFolders {
  readonly #root: string;
  readonly #places = new Map<string, FolderPlace>();
  #watcher: FolderWatcher | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  start(watcher: FolderWatcher): void {
    this.#watcher = watcher;
  }

  /** Closes the watcher. */
  async stop(): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    this.#places.clear();
    await watcher?.close();
  }

  watch(place: FolderPlace): void {
    if (!this.#watcher) return;
    const directory = absolutePath(this.#root, place.native);
    // Asked for again even if it is known: the system may have refused it the last time.
    this.#watcher.watch(directory);
    this.#places.set(directory, place);
  }

  /** The folder that `path` is directly in, if it is watched. */
  folderOf(path: string): FolderPlace | undefined {
    return this.folderAt(dirname(path));
  }

  folderAt(directory: string): FolderPlace | undefined {
    return this.#places.get(directory);
  }

  /** Ends the watch of the folder at `native` and of all below: another may have come in its place. */
  unwatchTree(native: string): void {
    const directory = absolutePath(this.#root, native);
    if (!this.#places.has(directory)) return;
    for (const watched of [...this.#places.keys()]) {
      if (watched !== directory && !watched.startsWith(directory + sep)) continue;
      this.#places.delete(watched);
      this.#watcher?.unwatch(watched);
    }
  }
}
