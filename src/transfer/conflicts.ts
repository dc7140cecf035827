import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { lastChange } from '../model/version-vector.ts';
import { readConflictName } from '../sync/names.ts';
import { compareText } from '../sync/precedence.ts';
import { explain } from './disk-trouble.ts';
import type { FolderGate } from './folder-gate.ts';
import { ParentFolders } from './parent-folders.ts';
import type { Trash } from './trash.ts';

export interface ConflictParts {
  readonly self: DeviceId;
  readonly fileSystem: FileSystem;
  readonly index: LocalIndex;
  readonly ownEntries: () => Iterable<Pick<FileEntry, 'path' | 'deleted' | 'type'>>;
  readonly gate: FolderGate;
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly trash: Pick<Trash, 'discard' | 'replace' | 'move'>;
}

/** A conflict that nobody has settled: a copy that is here, and the file that it is a copy of. */
export interface Conflict {
  readonly path: RelativePath;
  readonly copy: RelativePath;
  /** The beginning of the id of the device that changed the copy last. */
  readonly device: string;
  /** When it did, in ms since the Unix epoch. */
  readonly time: number;
}

/** A file may appear where another is being moved, or go; then both are looked at again, at most so often. */
const MAX_TRIES = 5;

/** Conflict copies tell by their names what they are, so that nothing else has to be remembered of a conflict. */
export class Conflicts {
  readonly #parts: ConflictParts;

  constructor(parts: ConflictParts) {
    this.#parts = parts;
  }

  /** By path, the latest copy of each first. */
  list(): Conflict[] {
    const conflicts: Conflict[] = [];
    for (const { path: copy, deleted, type } of this.#parts.ownEntries()) {
      const name = deleted || type === 'directory' ? undefined : readConflictName(copy);
      if (name) conflicts.push({ copy, ...name });
    }
    return conflicts.sort((a, b) => compareText(a.path, b.path) || b.time - a.time);
  }

  /**
   * Settles a conflict by keeping `ours`, what this device changed last, or `theirs`. Ours is what is in place when this
   * device has made the last change of it, or no copy is ours by its name; else that copy is, and what is in place theirs.
   * What is kept takes the place, or stays there. Where ours is kept, all others go to the trash, else all of ours. `path` is
   * that of the file or, to settle one of several copies only, that of the copy. Returns the path of the file in place.
   * @throws NOT_FOUND, FOLDER_MISSING, FOLDER_CHANGED; NAME_UNSUPPORTED when a folder has the place; what the disk says
   */
  async resolve(path: string, keep: 'ours' | 'theirs'): Promise<RelativePath> {
    const normal = path.normalize('NFC');
    const all = this.list();
    const named = all.filter(({ copy }) => copy === normal);
    const meant = named.length > 0 ? named : all.filter((conflict) => conflict.path === normal);
    const [latest] = meant;
    if (!latest) throw notFound(path);
    const { kept, gone } = this.#settling(meant, keep);
    this.#parts.gate.demandOpen();
    try {
      if (kept) await this.#takePlace(kept);
      for (const { copy } of gone) await this.#discard(copy);
    } catch (error) {
      throw explain(error, { path: latest.path, folder: this.#parts.folder });
    }
    return latest.path;
  }

  /** Which of the copies takes the place, none when what is there stays, and which go to the trash. */
  #settling(
    copies: readonly Conflict[],
    keep: 'ours' | 'theirs',
  ): { readonly kept: Conflict | undefined; readonly gone: readonly Conflict[] } {
    const { self, index } = this.#parts;
    const [latest] = copies;
    const inPlace = index.get(latest!.path);
    const isOursInPlace = inPlace?.deleted === false && lastChange(inPlace.version)?.device === self;
    const ours = copies.filter(({ device }) => self.startsWith(device));
    if (keep === 'ours') {
      const kept = isOursInPlace ? undefined : ours[0];
      return { kept, gone: copies.filter((copy) => copy !== kept) };
    }
    if (ours.length > 0 && !isOursInPlace) return { kept: undefined, gone: ours };
    const kept = copies.find((copy) => !ours.includes(copy)) ?? latest;
    return { kept, gone: ours.filter((copy) => copy !== kept) };
  }

  async #takePlace({ path, copy }: Conflict): Promise<void> {
    const { trash, index } = this.#parts;
    const folders = new ParentFolders(this.#parts);
    const release = await index.hold([path, copy]);
    try {
      for (let attempt = 1; ; attempt += 1) {
        const found = await index.refresh(copy);
        if (!found || found.deleted) throw notFound(copy);
        const inPlace = await index.refresh(path);
        await folders.prepare(path);
        const put = () => trash.move(copy, path);
        try {
          if (inPlace && !inPlace.deleted) await trash.replace(path, 'resolved', put);
          else await put();
          break;
        } catch (error) {
          const hasChanged = ['EEXIST', 'ENOENT'].includes(systemErrorCode(error) ?? '');
          if (!hasChanged || attempt === MAX_TRIES) throw error;
        }
      }
      await folders.sync();
      await index.refresh(path);
      await index.refresh(copy);
    } finally {
      release();
    }
  }

  async #discard(path: RelativePath): Promise<void> {
    const { index, trash } = this.#parts;
    const release = await index.hold([path]);
    try {
      await trash.discard(path, 'resolved');
      await index.refresh(path);
    } finally {
      release();
    }
  }
}

function notFound(name: string): CompartidosError {
  return new CompartidosError('NOT_FOUND', { what: 'conflict', name: name.slice(0, 200) });
}
