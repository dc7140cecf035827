import { dirname, sep } from 'node:path';
import { absolutePath, type FolderPlace } from './found-item.ts';
import type { FolderWatcher } from './folder-watcher.ts';

/** Which folder each watched directory is. */
export class WatchedFolders {
  readonly #root: string;
  readonly #watcher: FolderWatcher;
  readonly #places = new Map<string, FolderPlace>();

  constructor(root: string, watcher: FolderWatcher) {
    this.#root = root;
    this.#watcher = watcher;
  }

  watch(place: FolderPlace): void {
    const directory = absolutePath(this.#root, place.native);
    // Asked for again even if it is known: the system may have refused it the last time.
    this.#watcher.watch(directory);
    this.#places.set(directory, place);
  }

  /** The folder that `path` is directly in, if it is watched. */
  folderOf(path: string): FolderPlace | undefined {
    return this.#places.get(dirname(path));
  }

  folderAt(directory: string): FolderPlace | undefined {
    return this.#places.get(directory);
  }

  unwatch(directory: string): void {
    if (!this.#places.delete(directory)) return;
    this.#watcher.unwatch(directory);
  }

  /** Ends the watch of `directory` and of all below: another may have come in its place. */
  unwatchTree(directory: string): void {
    if (!this.#places.has(directory)) return;
    for (const watched of [...this.#places.keys()]) {
      if (watched === directory || watched.startsWith(directory + sep)) this.unwatch(watched);
    }
  }
}
