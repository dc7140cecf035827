import { Emitter } from '../../src/core/emitter.ts';
import type { FolderWatcher, FolderWatcherEvents } from '../../src/index/folder-watcher.ts';

/** A watcher that sees nothing but what a test tells it. */
export class IdleWatcher implements FolderWatcher {
  readonly events = new Emitter<FolderWatcherEvents>();
  readonly watched = new Set<string>();

  watch(directory: string): void {
    this.watched.add(directory);
  }

  unwatch(directory: string): void {
    this.watched.delete(directory);
  }

  async close(): Promise<void> {
    this.watched.clear();
    this.events.removeAllListeners();
  }
}
