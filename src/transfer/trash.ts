import { relative } from 'node:path';
import type { Settings } from '../config/settings.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { CompartidosError, isCompartidosError, systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { Documents } from '../index/document-store.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { parseRelativePath } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { freeName, takenName } from '../sync/names.ts';
import { explain } from './disk-trouble.ts';
import { ParentFolders } from './parent-folders.ts';
import { TrashClock } from './trash-clock.ts';
import { ID_BYTES, TrashFolder, trashId } from './trash-folder.ts';
import type { TrashedFile } from './trash-folder.ts';
import { TrashIntake } from './trash-intake.ts';
import type { TrashReason, TrashRecord } from './trash-record.ts';

export interface TrashParts {
  readonly fileSystem: FileSystem;
  readonly index: LocalIndex;
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly limits: Settings['trash'];
  readonly documents: Documents;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface TrashItem extends Omit<TrashRecord, 'counted'> {
  readonly id: string;
}

/** ms between two looks at what is too old. */
const PURGE_INTERVAL_MS = 3_600_000;
const MAX_TRIES = 100;

/**
 * `.compartidos/trash` inside the shared folder: whatever is replaced or deleted by us is moved there, by a rename to a
 * name that nobody else has. What it was is written, durably, before it is moved: a crash leaves a record without a
 * file, which counts for nothing, and never a file that is lost.
 */
export class Trash implements Startable {
  readonly #parts: TrashParts;
  readonly #kept: TrashFolder;
  readonly #intake: TrashIntake;
  readonly #time: TrashClock;
  #limits: Settings['trash'];
  #timer: Timer | undefined;
  /** Bytes, as last counted and with what has come and gone since. */
  #size = 0;
  /** Ids of what is just being moved here, or by way of here: it may be back in its place in a moment. */
  readonly #moving = new Set<string>();
  #purging: Promise<void> = Promise.resolve();
  #making: Promise<void> | undefined;

  constructor(parts: TrashParts) {
    this.#parts = parts;
    this.#kept = new TrashFolder(parts.fileSystem, parts.folder);
    this.#time = new TrashClock(parts.clock, parts.documents);
    this.#intake = new TrashIntake({
      ...parts,
      ...{ kept: this.#kept, time: this.#time },
      onLeft: (size) => this.#count(size),
    });
    this.#limits = parts.limits;
  }

  async start(): Promise<void> {
    this.#timer ??= this.#parts.clock.every(PURGE_INTERVAL_MS, () => this.#look());
    this.#look();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#purging;
  }

  configure(limits: Settings['trash']): void {
    this.#limits = limits;
    if (this.#timer) void this.#purgeLater();
  }

  /**
   * Moves the file or link at `path` to the trash and returns its id there. The caller records that it is gone.
   * Rejects with a system error: ENOENT when nothing is there, EISDIR for a folder.
   */
  async discard(path: RelativePath, reason: TrashReason): Promise<string> {
    return this.#underId(async (id) => {
      this.#count(await this.#intake.take(id, path, reason));
      return id;
    });
  }

  /**
   * Moves the file or link at `path` to the trash for `put`, which puts something else there. When that rejects, so does
   * this, and what was there is back: nobody has removed it. Only if there is something new in its place it stays here.
   * Rejects otherwise as `discard` does.
   */
  async replace(path: RelativePath, reason: TrashReason, put: () => Promise<void>): Promise<void> {
    await this.#underId(async (id) => {
      const size = await this.#intake.take(id, path, reason);
      try {
        await put();
      } catch (error) {
        await this.#intake.putBack(id, path, size);
        throw error;
      }
      this.#count(size);
    });
  }

  /**
   * Gives the file or link at `from` the name `to`, if that is free, by way of the trash: taken from its place in one
   * step, it is what was there last even if somebody saves over it just now. A crash leaves it here.
   * Rejects with EEXIST when the name is taken; then it is back, or stays here if there is something new in its place.
   */
  async move(from: RelativePath, to: RelativePath): Promise<void> {
    const { fileSystem, index } = this.#parts;
    await this.#make();
    await this.#underId(async (id) => {
      const parked = this.#kept.pathOf(id);
      const native = index.locate(from);
      await fileSystem.rename(native, parked);
      try {
        await fileSystem.renameNew(parked, index.locate(to));
      } catch (error) {
        await this.#intake.isBack(id, from);
        throw error;
      }
    });
  }

  /** Undoes `move`, whatever fails: what is not at `to` then, nobody has removed from there. */
  async moveBack(from: RelativePath, to: RelativePath): Promise<void> {
    try {
      await this.move(from, to);
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') this.#intake.notPutBack(to, error);
    }
  }

  /**
   * What is there, the latest first. A file whose record was lost goes by its id.
   * @throws what the disk says, as one of our errors
   */
  async list(): Promise<TrashItem[]> {
    return (await this.#all()).map(({ id, size, time, record }) => ({
      path: record?.path ?? parseRelativePath(id),
      time,
      reason: record?.reason ?? 'deleted',
      hash: record?.hash,
      id,
      size,
    }));
  }

  /**
   * Puts an item back where it was, or beside what is there now; returns its path.
   * @throws NOT_FOUND; FOLDER_MISSING, FOLDER_CHANGED; what the disk says
   */
  async restore(id: string): Promise<RelativePath> {
    await this.#parts.index.verifyFolder();
    const file = (await this.#all()).find((one) => one.id === id);
    if (!file) throw new CompartidosError('NOT_FOUND', { what: 'trash', name: id.slice(0, 80) });
    const path = file.record?.path ?? parseRelativePath(id);
    try {
      const restored = await this.#putBackOrBeside(id, path);
      if (file.record) this.#size -= file.size;
      return restored;
    } catch (error) {
      throw explain(error, { path, folder: this.#parts.folder });
    }
  }

  /**
   * Removes what is older than the limit, as the trash counts time, then the oldest until the rest is small enough; what is
   * too large by itself goes before that, since nothing that made room for it would keep it. What has no record nobody has
   * thrown away, as when a crash leaves here what was to get another name: only its age removes it.
   * Rejects with FOLDER_MISSING or FOLDER_CHANGED, and with what the disk says.
   */
  async purge(): Promise<void> {
    // On another disk in its place the trash is somebody else's.
    await this.#parts.index.verifyFolder();
    const before = this.#size;
    const { files, records } = await this.#kept.names();
    const found = await this.#find(files.filter((id) => !this.#moving.has(id)));
    const { maxAgeMs, maxSize } = this.#limits;
    const oldest = this.#time.now() - maxAgeMs;
    let size = found.reduce((sum, file) => sum + (file.record ? file.size : 0), 0);
    const tooLarge = found.filter((file) => file.size > maxSize);
    const others = found.filter((file) => file.size <= maxSize).reverse();
    for (const { id, time, size: bytes, record } of [...tooLarge, ...others]) {
      if ((record?.counted ?? time) >= oldest && (size <= maxSize || !record)) continue;
      await this.#kept.remove(id);
      if (record) size -= bytes;
    }
    this.#size += size - before;
    for (const id of records) {
      // The file of a record that nobody is at work on has come by now, if it ever will.
      if (!this.#moving.has(id) && !(await this.#kept.has(id))) await this.#kept.removeRecord(id);
    }
  }

  async #putBackOrBeside(id: string, original: RelativePath): Promise<RelativePath> {
    const { fileSystem, index } = this.#parts;
    const folders = new ParentFolders(this.#parts);
    const refused = new Set<RelativePath>();
    const isTaken = (path: RelativePath) => refused.has(path) || index.get(path)?.deleted === false;
    for (let attempt = 1; ; attempt += 1) {
      const path = isTaken(original) ? freeName(takenName(original, 'trash'), isTaken) : original;
      await folders.prepare(path);
      const release = await index.hold([path]);
      try {
        await fileSystem.renameNew(this.#kept.pathOf(id), index.locate(path));
        await folders.sync();
        await this.#kept.removeRecord(id);
        await this.#kept.sync();
        await index.refresh(path);
        return path;
      } catch (error) {
        if (systemErrorCode(error) !== 'EEXIST' || attempt === MAX_TRIES) throw error;
        refused.add(path);
      } finally {
        release();
      }
    }
  }

  #look(): void {
    this.#time.look();
    void this.#purgeLater();
  }

  #purgeLater(): Promise<void> {
    this.#purging = this.#purging
      .then(() => this.purge())
      .catch((error: unknown) => {
        const reason = isCompartidosError(error) ? error.code : (systemErrorCode(error) ?? String(error));
        this.#parts.logger.warn('trash.purge-failed', { reason });
      });
    return this.#purging;
  }

  /** Calls `work` with a new id; until it is over, what is there under that id is not purged. */
  async #underId<Result>(work: (id: string) => Promise<Result>): Promise<Result> {
    const { clock, random } = this.#parts;
    const id = trashId(clock.now(), random.bytes(ID_BYTES));
    this.#moving.add(id);
    try {
      return await work(id);
    } finally {
      this.#moving.delete(id);
    }
  }

  /** One look for all who ask at the same time. */
  #make(): Promise<void> {
    this.#making ??= this.#kept.make().finally(() => (this.#making = undefined));
    return this.#making;
  }

  #count(size: number): void {
    this.#size += size;
    if (this.#size > this.#limits.maxSize) void this.#purgeLater();
  }

  /** @throws what the disk says, as one of our errors */
  async #all(): Promise<TrashedFile[]> {
    try {
      return await this.#find((await this.#kept.names()).files);
    } catch (error) {
      const { folder } = this.#parts;
      throw explain(error, { path: relative(folder, this.#kept.path), folder });
    }
  }

  /** The latest first. */
  async #find(ids: readonly string[]): Promise<TrashedFile[]> {
    const found: TrashedFile[] = [];
    for (const id of [...ids].sort().reverse()) {
      const file = await this.#kept.find(id);
      if (file) found.push(file);
    }
    return found;
  }
}
