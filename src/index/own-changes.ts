import type { FileSystem } from '../core/file-system.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { ChangeFinder } from './change-finder.ts';
import type { ChangeWriter } from './change-writer.ts';
import type { CorruptFiles } from './corrupt-files.ts';
import type { DiskFacts } from './entry-table.ts';
import type { ExpectedFiles } from './expected-files.ts';
import type { FolderDisk } from './folder-disk.ts';
import type { FolderState } from './folder-state.ts';
import { diskFacts } from './found-item.ts';
import type { HeldPaths } from './held-paths.ts';
import { isFileOf } from './held-time.ts';
import { statIfThere } from './stat-if-there.ts';

type NewEntry = Omit<FileEntry, 'sequence'>;

export interface OwnChangeParts {
  readonly files: FileSystem;
  readonly disk: Pick<FolderDisk, 'hasExecutableBit'>;
  readonly state: Pick<FolderState, 'assertFolder'>;
  readonly held: Pick<HeldPaths, 'forget'>;
  readonly expected: Pick<ExpectedFiles, 'takeFolder'>;
  readonly corrupt: Pick<CorruptFiles, 'has'>;
  readonly finder: ChangeFinder;
  readonly writer: ChangeWriter;
}

/** Records what the agent has put in place, changed or removed itself, so that the watcher then finds nothing new. */
export class OwnChanges {
  readonly #parts: OwnChangeParts;

  constructor(parts: OwnChangeParts) {
    this.#parts = parts;
  }

  /** Rejects with FOLDER_MISSING, FOLDER_CHANGED, or what the disk or the database says. */
  async record(entries: readonly NewEntry[]): Promise<void> {
    const { state, finder, expected, corrupt, writer } = this.#parts;
    state.assertFolder();
    const facts = await Promise.all(entries.map((entry) => this.#factsOf(entry)));
    entries.forEach((entry, position) => {
      const change = { entry, disk: facts[position] };
      const { path, type, deleted } = entry;
      finder.content.discard(path);
      if (type === 'directory' && deleted) finder.folderRemoved(path);
      expected.takeFolder(path);
      // The same file with other facts is as corrupt as before; another one was put in its place.
      if (corrupt.has(path) && change.disk?.inode !== writer.facts(path)?.disk?.inode) writer.setMended(path);
      writer.put(change);
    });
    writer.flush();
  }

  /** Undefined when what is there is not what the entry says: then somebody was quicker, and it is looked at. */
  async #factsOf(entry: NewEntry): Promise<DiskFacts | undefined> {
    const { files, disk, held, finder } = this.#parts;
    const { path, type, executable, deleted } = entry;
    if (deleted) return undefined;
    const native = finder.nativeOf(path);
    // A new folder is still to be watched, and what has come into it to be looked at, whether the system tells of it or
    // not.
    if (type === 'directory') finder.suspect(path);
    else held.forget(path);
    const stat = await statIfThere(files, finder.locate(path));
    const isSame =
      stat?.type === type &&
      (type !== 'file' ||
        (isFileOf(entry, stat) && (stat.executable === executable || !disk.hasExecutableBit)));
    if (isSame) return diskFacts({ path, native, stat });
    finder.suspect(path);
    return undefined;
  }
}
