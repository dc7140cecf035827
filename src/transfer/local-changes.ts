import { dirname } from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions } from '../model/version-vector.ts';
import { conflictName } from '../sync/names.ts';
import { nameForCopy } from '../sync/placement.ts';
import type { Renaming } from '../sync/plan.ts';
import { FolderFlush } from './folder-flush.ts';
import type { FolderGate } from './folder-gate.ts';
import { further, GroupCommit, succeeded } from './group-commit.ts';
import { ParentFolders } from './parent-folders.ts';
import type { Trash } from './trash.ts';

export interface LocalChangeParts {
  readonly fileSystem: FileSystem;
  readonly index: LocalIndex;
  readonly catalogue: Pick<Catalogue, 'at'>;
  readonly gate: FolderGate;
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly trash: Pick<Trash, 'discard' | 'move'>;
}

/** `changed`: what is there is not what was decided about, and nothing was done. `full`: a folder with things in it. */
export type Outcome = 'done' | 'changed' | 'full';

/** A folder may be removed between the look and the rename; then it is made anew, at most so often. */
const MAX_TRIES = 5;

type NewEntry = Omit<FileEntry, 'sequence'>;

interface Change {
  /** What it was decided about. */
  readonly ours: FileEntry;
  /** Names that it takes away or makes. */
  readonly paths: readonly RelativePath[];
  /** Does it to what is there now. */
  readonly act: (now: FileEntry, folders: ParentFolders) => Promise<Outcome>;
  /** Whether a name has gone then that nobody has flushed yet: that of `ours`. */
  readonly leaves: boolean;
  /** What is recorded of it. */
  readonly entries: (now: FileEntry) => readonly NewEntry[];
}

/**
 * What we do to our own files without any bytes from the network: each after one more look at what is there. Many at once
 * are flushed and recorded together.
 */
export class LocalChanges {
  readonly #parts: LocalChangeParts;
  readonly #groups = new GroupCommit<Change, Outcome>((batch) => this.#commit(batch));

  constructor(parts: LocalChangeParts) {
    this.#parts = parts;
  }

  /** Moves a file or a link to the trash, or removes a folder if it is empty, and records `tombstone`. */
  async remove(ours: FileEntry, tombstone: NewEntry): Promise<Outcome> {
    const { path, type } = ours;
    return this.#groups.add({
      ours,
      paths: [path],
      act: async () => {
        if (type === 'directory') return (await this.#removeFolder(path)) ? 'done' : 'full';
        await this.#parts.trash.discard(path, 'deleted');
        return 'done';
      },
      leaves: type === 'directory',
      entries: () => [tombstone],
    });
  }

  /** Gives a file another name, and the time and mode that it has there. */
  async rename({ ours, tombstone, entry }: Renaming): Promise<Outcome> {
    return this.#groups.add({
      ours,
      paths: [ours.path, entry.path],
      act: async (_, folders) => {
        if (!(await this.#move(ours.path, entry.path, folders))) return 'changed';
        await this.#setFacts(ours, entry);
        return 'done';
      },
      leaves: true,
      entries: () => [entry, tombstone],
    });
  }

  /** The content is right: gives it the time, mode and version of `entry`. */
  async adopt(ours: FileEntry, { mtimeUs, executable, version }: NewEntry): Promise<Outcome> {
    // It may have been hashed further than when that was decided.
    const adopted = (now: FileEntry) => ({ ...now, mtimeUs, executable, version });
    return this.#groups.add({
      ours,
      paths: [ours.path],
      act: async (now) => {
        await this.#setFacts(now, adopted(now));
        return 'done';
      },
      leaves: false,
      entries: (now) => [adopted(now)],
    });
  }

  /**
   * Keeps a file that is in the way of a folder as a conflict copy; returns its name, undefined when it has changed.
   */
  async makeWay(ours: FileEntry): Promise<RelativePath | undefined> {
    const { index, trash } = this.#parts;
    const copy = nameForCopy(conflictName(ours.path, ours), ours, (path) => index.get(path));
    return this.#holding(copy === undefined ? [ours.path] : [ours.path, copy], async () => {
      if (!(await this.#still(ours))) return undefined;
      if (copy === undefined) await trash.discard(ours.path, 'replaced');
      else {
        const folders = new ParentFolders(this.#parts);
        if (!(await this.#move(ours.path, copy, folders))) return undefined;
        await folders.sync();
      }
      await index.refresh(ours.path);
      if (copy !== undefined) await index.refresh(copy);
      return copy ?? ours.path;
    });
  }

  async #commit(batch: readonly Change[]): Promise<PromiseSettledResult<Outcome>[]> {
    const outcomes = new Map<Change, PromiseSettledResult<Outcome>>();
    await this.#holding(
      batch.flatMap(({ paths }) => paths),
      async () => {
        for (let left = batch; left.length > 0;) {
          const { first, rest } = apart(left);
          const ofFirst = await this.#carryOut(first);
          first.forEach((change, position) => outcomes.set(change, ofFirst[position]!));
          left = rest;
        }
      },
    );
    return batch.map((change) => outcomes.get(change)!);
  }

  /** No two of `changes` are about the same name. */
  async #carryOut(changes: readonly Change[]): Promise<PromiseSettledResult<Outcome>[]> {
    const { fileSystem, index } = this.#parts;
    const folders = new ParentFolders(this.#parts);
    const flush = new FolderFlush(fileSystem);
    const looked = await Promise.allSettled(
      changes.map(async (change) => {
        const now = await this.#still(change.ours);
        return { change, now, entries: now ? change.entries(now) : [] };
      }),
    );
    const settle = index.expect(succeeded(looked).flatMap(({ entries }) => entries.filter(isThere)));
    try {
      const acted = await further(looked, async ({ change, now, entries }) => {
        const outcome = now ? await change.act(now, folders) : 'changed';
        return { change, outcome, entries: outcome === 'done' ? entries : [] };
      });
      // The new names before the old ones: without a journal, a crash might else leave neither.
      await folders.sync();
      const flushed = await further(acted, async (one) => {
        const { change, outcome } = one;
        if (change.leaves && outcome === 'done') {
          await flush.sync(dirname(index.locate(change.ours.path)));
        }
        return one;
      });
      const entries = succeeded(flushed).flatMap((one) => one.entries);
      if (entries.length > 0) await index.record(entries);
      return await further(flushed, async ({ outcome }) => outcome);
    } finally {
      settle();
    }
  }

  async #holding<Result>(paths: readonly RelativePath[], work: () => Promise<Result>): Promise<Result> {
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

  /** False when it is not empty. */
  async #removeFolder(path: RelativePath): Promise<boolean> {
    const { fileSystem, index } = this.#parts;
    try {
      await fileSystem.removeDirectory(index.locate(path));
    } catch (error) {
      // Systems differ in what they say of a folder that is not empty.
      if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) throw error;
      return false;
    }
    return true;
  }

  /** False when the name is taken after all, or the file has gone; then the index has been told. */
  async #move(from: RelativePath, to: RelativePath, folders: ParentFolders): Promise<boolean> {
    const { trash, index } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await folders.prepare(to);
        await trash.move(from, to);
        return true;
      } catch (error) {
        const code = systemErrorCode(error);
        if (code === 'EEXIST') {
          await index.refresh(to);
          return false;
        }
        if (code !== 'ENOENT' || attempt === MAX_TRIES) throw error;
        await folders.renew(to);
        if ((await index.refresh(from))?.deleted !== false) return false;
      }
    }
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

function isThere({ deleted }: NewEntry): boolean {
  return !deleted;
}

/** Those whose names none before them is about, and the rest. */
function apart(changes: readonly Change[]): { first: Change[]; rest: Change[] } {
  const taken = new Set<RelativePath>();
  const first: Change[] = [];
  const rest: Change[] = [];
  for (const change of changes) {
    (change.paths.some((path) => taken.has(path)) ? rest : first).push(change);
    for (const path of change.paths) taken.add(path);
  }
  return { first, rest };
}
