import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Clock } from '../../src/core/clock.ts';
import type { FileSystem } from '../../src/core/file-system.ts';
import type { LogFields, Logger } from '../../src/core/logger.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemRandom } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { ChokidarWatcher } from '../../src/index/chokidar-watcher.ts';
import type { Database } from '../../src/index/database.ts';
import type { EntryStore } from '../../src/index/entry-store.ts';
import type { FileHasher } from '../../src/index/file-hasher.ts';
import { FolderIndex } from '../../src/index/folder-index.ts';
import type { FolderWatcher } from '../../src/index/folder-watcher.ts';
import { WorkerHasher } from '../../src/index/worker-hasher.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { deviceNamed } from './entries.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { storeOf, testDatabase } from './test-database.ts';

export interface LabOptions {
  readonly database?: Database;
  readonly folder?: string;
  readonly configFile?: string;
  readonly clock?: Clock;
  readonly files?: FileSystem;
  readonly hasher?: FileHasher;
  readonly watcher?: () => FolderWatcher;
}

export interface LoggedEvent {
  readonly event: string;
  readonly fields: LogFields;
}

/** A shared folder on the disk with its index. */
export interface SharedFolderLab {
  readonly index: FolderIndex;
  readonly store: EntryStore;
  readonly database: Database;
  readonly folder: string;
  readonly self: DeviceId;
  readonly logged: LoggedEvent[];
  /** Every entry announced, in order. */
  readonly announced: FileEntry[];
  /** Starts and waits for the first scan. */
  ready(): Promise<void>;
  /** Resolves with the first entry announced from now on, or since the last call, that fits. */
  next(fits: (entry: FileEntry) => boolean): Promise<FileEntry>;
  /** Writes a file elsewhere, last changed at `mtimeUs` if that is given, and moves it to its place. */
  place(path: string, content: string | Buffer, mtimeUs?: number): Promise<void>;
  path(path: string): string;
}

export async function sharedFolderLab(
  t: ExecutionContext,
  options: LabOptions = {},
): Promise<SharedFolderLab> {
  const outside = await temporaryFolder(t);
  const folder = options.folder ?? join(outside, 'compartidos');
  const database = options.database ?? testDatabase();
  const store = storeOf(database);
  const files = options.files ?? new NodeFileSystem();
  const clock = options.clock ?? systemClock;
  const hasher = options.hasher ?? new WorkerHasher(clock, files);
  const self = deviceNamed('self');
  const logged: LoggedEvent[] = [];
  const log = (event: string, fields: LogFields = {}) => logged.push({ event, fields });
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const index = new FolderIndex({
    folder,
    configFile: options.configFile,
    self,
    files,
    clock,
    random: systemRandom,
    logger,
    store,
    memory: database,
    hasher,
    watcher: options.watcher ?? (() => new ChokidarWatcher()),
  });
  const announced: FileEntry[] = [];
  let seen = 0;
  index.events.on('changed', (entries) => announced.push(...entries));
  t.teardown(async () => {
    await index.stop();
    if (hasher instanceof WorkerHasher) await hasher.stop();
  });
  let placed = 0;
  return {
    index,
    store,
    database,
    folder,
    self,
    logged,
    announced,
    path: (path) => join(folder, path),
    async ready() {
      const ready = new Promise<void>((resolve) => index.events.once('ready', resolve));
      await index.start();
      await ready;
    },
    async next(fits) {
      for (;;) {
        const found = announced.findIndex((entry, at) => at >= seen && fits(entry));
        if (found >= 0) {
          seen = found + 1;
          return announced[found]!;
        }
        await new Promise<void>((resolve) => index.events.once('changed', () => resolve()));
      }
    },
    async place(path, content, mtimeUs) {
      const target = join(folder, path);
      const temporary = join(outside, `placed-${(placed += 1)}`);
      await writeFile(temporary, content);
      if (mtimeUs !== undefined) await files.setModified(temporary, mtimeUs);
      await mkdir(dirname(target), { recursive: true });
      await rename(temporary, target);
    },
  };
}
