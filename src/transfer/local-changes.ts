import { dirname } from 'node:path';
import { systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions } from '../model/version-vector.ts';
import { conflictName } from '../sync/names.ts';
import { nameForCopy } from '../sync/placement.ts';
import type { Renaming } from '../sync/plan.ts';
import type { FolderGate } from './folder-gate.ts';
import { ParentFolders } from './parent-folders.ts';
import type { Trash } from './trash.ts';

export interface LocalChangeParts {
  readonly fileSystem: FileSystem;
  readonly index: LocalIndex;
  readonly gate: FolderGate;
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly trash: Pick<Trash, 'discard' | 'move'>;
}

/** `changed`: what is there is not what was decided about, and nothing was done. `full`: a folder with things in it. */
export type Outcome = 'done' | 'changed' | 'full';

type NewEntry = Omit<FileEntry, 'sequence'>;

/** What we do to our own files without any bytes from the network: each after one more look at what is there. */
export class LocalChanges {
  readonly #parts: LocalChangeParts;

  constructor(parts: LocalChangeParts) {
    this.#parts = parts;
  }

  /** Moves a file or a link to the trash, or removes a folder if it is empty, and records `tombstone`. */
  async remove(ours: FileEntry, tombstone: NewEntry): Promise<Outcome> {
    return this.#holding([ours.path], async () => {
      if (!(await this.#still(ours))) return 'changed';
      if (ours.type === 'directory') {
        if (!(await this.#removeFolder(ours.path))) return 'full';
      } else {
        await this.#parts.trash.discard(ours.path, 'deleted');
      }
      await this.#parts.index.record([tombstone]);
      return 'done';
    });
  }

  /** Gives a file another name, and the time and mode that it has there. */
  async rename({ ours, tombstone, entry }: Renaming): Promise<Outcome> {
    const { fileSystem, index } = this.#parts;
    return this.#holding([ours.path, entry.path], async () => {
      if (!(await this.#still(ours))) return 'changed';
      if (!(await this.#move(ours.path, entry.path))) return 'changed';
      await this.#setFacts(ours, entry);
      await fileSystem.syncDirectory(dirname(index.locate(ours.path)));
      await index.record([entry, tombstone]);
      return 'done';
    });
  }

  /** The content is right: gives it the time, mode and version of `entry`. */
  async adopt(ours: FileEntry, { mtimeUs, executable, version }: NewEntry): Promise<Outcome> {
    return this.#holding([ours.path], async () => {
      const now = await this.#still(ours);
      if (!now) return 'changed';
      // It may have been hashed further than when that was decided.
      const entry = { ...now, mtimeUs, executable, version };
      await this.#setFacts(now, entry);
      await this.#parts.index.record([entry]);
      return 'done';
    });
  }

  /**
   * Keeps a file that is in the way of a folder as a conflict copy; returns its name, undefined when it has changed.
   */
  async makeWay(ours: FileEntry): Promise<RelativePath | undefined> {
    const { index } = this.#parts;
    const copy = nameForCopy(conflictName(ours.path, ours), ours, (path) => index.get(path));
    const outcome = await this.#holding(copy === undefined ? [ours.path] : [ours.path, copy], async () => {
      if (!(await this.#still(ours))) return 'changed';
      if (copy === undefined) await this.#parts.trash.discard(ours.path, 'replaced');
      else if (!(await this.#move(ours.path, copy))) return 'changed';
      await index.refresh(ours.path);
      if (copy !== undefined) await index.refresh(copy);
      return 'done';
    });
    return outcome === 'done' ? (copy ?? ours.path) : undefined;
  }

  async #holding(paths: readonly RelativePath[], work: () => Promise<Outcome>): Promise<Outcome> {
    const { gate, index } = this.#parts;
    const release = await index.hold(paths);
    try {
      gate.demandOpen();
      return await work();
    } finally {
      release();
    }
  }

  /** What is there now, if it is in the version that was decided about. */
  async #still({ path, version }: FileEntry): Promise<FileEntry | undefined> {
    const now = await this.#parts.index.refresh(path);
    const isSame = now && !now.deleted && compareVersions(now.version, version) === 'equal';
    return isSame ? now : undefined;
  }

  async #removeFolder(path: RelativePath): Promise<boolean> {
    const { fileSystem, index } = this.#parts;
    const native = index.locate(path);
    try {
      await fileSystem.removeDirectory(native);
    } catch (error) {
      // Systems differ in what they say of a folder that is not empty.
      if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) throw error;
      return false;
    }
    await fileSystem.syncDirectory(dirname(native));
    return true;
  }

  /** False when the name is taken after all; then the index has been told. */
  async #move(from: RelativePath, to: RelativePath): Promise<boolean> {
    const { trash, index } = this.#parts;
    const folders = new ParentFolders(this.#parts);
    await folders.prepare(to);
    try {
      await trash.move(from, to);
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error;
      await index.refresh(to);
      return false;
    }
    await folders.sync();
    return true;
  }

  async #setFacts(ours: FileEntry, entry: NewEntry): Promise<void> {
    const { fileSystem, index } = this.#parts;
    if (entry.type === 'directory') return;
    const native = index.locate(entry.path);
    if (entry.type === 'file' && entry.executable !== ours.executable) {
      await fileSystem.setExecutable(native, entry.executable);
    }
    if (entry.mtimeUs !== ours.mtimeUs) await fileSystem.setModified(native, entry.mtimeUs);
  }
}
