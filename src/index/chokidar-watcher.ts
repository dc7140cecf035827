import { FSWatcher } from 'chokidar';
import { Emitter } from '../core/emitter.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { FolderWatcher, FolderWatcherEvents } from './folder-watcher.ts';

/**
 * chokidar, one watch a directory and none a file. Left to itself it watches each file, at about 6 KB of memory and
 * one of the system's few watches a file, and lists a directory again, with a look at every file in it, whenever one
 * of them changes. The scanner lists directories anyway, so all that is wanted is which name changed: that is in
 * chokidar's `raw` event. The one call below chokidar's surface is why package.json names its exact version.
 */
class DirectoryWatcher extends FSWatcher {
  /** @returns what ends the watch, or undefined when there is none: then `error` has been emitted. */
  watchDirectory(directory: string): (() => void) | undefined {
    return this._nodeFsHandler._watchWithNodeFs(directory, () => undefined);
  }
}

/** Watches the directories of the machine's own file system. */
export class ChokidarWatcher implements FolderWatcher {
  readonly events = new Emitter<FolderWatcherEvents>();
  readonly #watcher = new DirectoryWatcher({ followSymlinks: false, ignoreInitial: true, atomic: false });
  readonly #ends = new Map<string, () => void>();
  #beginning: string | undefined;

  constructor() {
    this.#watcher.on('raw', (event, name, details) => {
      // When chokidar polls, it knows only that something in the directory changed.
      const { watchedPath } = details as { watchedPath?: string };
      const how = event === 'change' ? 'written' : 'arrived';
      if (watchedPath === undefined) this.events.emit('touched', name, undefined, 'arrived');
      else this.events.emit('touched', watchedPath, (name as string | null) ?? undefined, how);
    });
    this.#watcher.on('error', (error) => {
      this.events.emit('failed', this.#beginning, systemErrorCode(error) ?? 'INTERNAL');
    });
  }

  watch(directory: string): void {
    if (this.#ends.has(directory)) return;
    this.#beginning = directory;
    const end = this.#watcher.watchDirectory(directory);
    this.#beginning = undefined;
    if (end) this.#ends.set(directory, end);
  }

  unwatch(directory: string): void {
    this.#ends.get(directory)?.();
    this.#ends.delete(directory);
  }

  async close(): Promise<void> {
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
    this.events.removeAllListeners();
    await this.#watcher.close();
  }
}
