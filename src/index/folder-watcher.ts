import type { Emitter } from '../core/emitter.ts';

export type FolderWatcherEvents = {
  /**
   * Something happened to `name` in a watched directory. `arrived`: it came, went or was replaced as a whole, by a
   * rename or a link; `written`: its content or its facts changed. Without a name: to anything in there.
   */
  touched: [directory: string, name: string | undefined, how: 'arrived' | 'written'];
  /** A directory cannot be watched: `code` of the system error. */
  failed: [directory: string | undefined, code: string];
};

/** Tells what happens in directories, each for itself, not in those below it. Paths are absolute and native. */
export interface FolderWatcher {
  readonly events: Emitter<FolderWatcherEvents>;
  /** From the return of this on, nothing that happens in `directory` is missed. Does nothing when it is watched. */
  watch(directory: string): void;
  unwatch(directory: string): void;
  /** Ends every watch. */
  close(): Promise<void>;
}
