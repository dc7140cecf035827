import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { EntryStore } from './entry-store.ts';
import type { FileHasher } from './file-hasher.ts';
import type { FolderWatcher } from './folder-watcher.ts';
import type { FolderMemory } from './shared-folder.ts';

/** What a FolderIndex is made of. */
export interface FolderIndexParts {
  /** The shared folder, absolute. */
  readonly folder: string;
  /** The configuration of this agent, absolute; never shared. */
  readonly configFile?: string | undefined;
  readonly self: DeviceId;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly store: EntryStore;
  /** The database. */
  readonly memory: FolderMemory;
  /** Stopped by whoever made it, after the index. */
  readonly hasher: FileHasher;
  /** Makes the watcher; called at every start. */
  readonly watcher: () => FolderWatcher;
}
