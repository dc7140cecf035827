import { dirname, join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import type { FileStat, FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { parseRelativePath, PRIVATE_FOLDER } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { freeName, takenName } from '../sync/names.ts';
import { ParentFolders } from './parent-folders.ts';
import { makePrivateFolder } from './private-folder.ts';
import { MAX_RECORD_BYTES, readTrashRecord, writeTrashRecord } from './trash-record.ts';
import type { TrashReason, TrashRecord } from './trash-record.ts';

export interface TrashParts {
  readonly fileSystem: FileSystem;
  readonly index: LocalIndex;
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly limits: Settings['trash'];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface TrashItem extends TrashRecord {
  readonly id: string;
}

const FOLDER = 'trash';
const RECORD = '.json';
/** Its beginning is the time in ms, so that items sort by age; the rest tells those of one moment apart. */
const ID = /^(\d{15})-[0-9a-f]{8}$/;
const ID_BYTES = 4;
const PURGE_INTERVAL_MS = 3_600_000;
const MAX_TRIES = 100;

/**
 * `.compartidos/trash` inside the shared folder: whatever is replaced or deleted by us is moved there, by a rename to a
 * name that nobody else has. What it was is written, durably, before it is moved: a crash leaves a record without a
 * file, which counts for nothing, and never a file that is lost.
 */
export class Trash implements Startable {
  readonly #parts: TrashParts;
  #limits: Settings['trash'];
  #timer: Timer | undefined;
  /** Bytes, since it was last counted; undefined until then. */
  #size: number | undefined;
  #purging: Promise<void> = Promise.resolve();

  constructor(parts: TrashParts) {
    this.#parts = parts;
    this.#limits = parts.limits;
  }

  async start(): Promise<void> {
    this.#timer ??= this.#parts.clock.every(PURGE_INTERVAL_MS, () => void this.#purgeLater());
    void this.#purgeLater();
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
    const { fileSystem, index, folder, clock } = this.#parts;
    const native = index.locate(path);
    const { type, size } = await fileSystem.lstat(native);
    if (type === 'directory') throw Object.assign(new Error(`EISDIR: ${path}`), { code: 'EISDIR' });
    const trash = await makePrivateFolder(fileSystem, folder, FOLDER);
    const hash = index.get(path)?.hash;
    const time = clock.now();
    const id = this.#newId(time);
    const record = { path, size, time, reason, hash: hash && Buffer.from(hash).toString('hex') };
    await this.#writeRecord(join(trash, id + RECORD), record);
    await fileSystem.syncDirectory(trash);
    try {
      // Whatever it is by now: somebody may save over it at any moment, and a link and an unlink would lose that.
      await fileSystem.rename(native, join(trash, id));
    } catch (error) {
      await this.#unlink(join(trash, id + RECORD));
      throw error;
    }
    await fileSystem.syncDirectory(trash);
    await fileSystem.syncDirectory(dirname(native));
    if (this.#size !== undefined) {
      this.#size += size;
      if (this.#size > this.#limits.maxSize) void this.#purgeLater();
    }
    return id;
  }

  /**
   * Gives the file or link at `from` the name `to`, if that is free, by way of the trash: taken from its place in one
   * step, it is what was there last even if somebody saves over it just now. A crash leaves it here.
   * Rejects with EEXIST when the name is taken; then it is back, or stays here if there is something new in its place.
   */
  async move(from: RelativePath, to: RelativePath): Promise<void> {
    const { fileSystem, index, folder, clock } = this.#parts;
    const trash = await makePrivateFolder(fileSystem, folder, FOLDER);
    const parked = join(trash, this.#newId(clock.now()));
    const native = index.locate(from);
    await fileSystem.rename(native, parked);
    try {
      await fileSystem.renameNew(parked, index.locate(to));
    } catch (error) {
      await fileSystem.renameNew(parked, native).catch(() => undefined);
      throw error;
    }
  }

  /** What is there, the latest first. A file whose record was lost goes by its id. */
  async list(): Promise<TrashItem[]> {
    const { fileSystem } = this.#parts;
    let names: string[];
    try {
      names = (await fileSystem.readDirectory(this.#path())).map(({ name }) => name);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw error;
    }
    const items: TrashItem[] = [];
    for (const id of names
      .filter((name) => ID.test(name))
      .sort()
      .reverse()) {
      const stat = await this.#stat(id);
      if (!stat || stat.type === 'directory') continue;
      const record = await this.#readRecord(id);
      items.push({
        path: record?.path ?? parseRelativePath(id),
        time: record?.time ?? Number(ID.exec(id)![1]),
        reason: record?.reason ?? 'deleted',
        hash: record?.hash,
        id,
        size: stat.size,
      });
    }
    return items;
  }

  /**
   * Puts an item back where it was, or beside what is there now; returns its path.
   * @throws NOT_FOUND
   */
  async restore(id: string): Promise<RelativePath> {
    const { fileSystem, index } = this.#parts;
    const item = (await this.list()).find((one) => one.id === id);
    if (!item) throw new CompartidosError('NOT_FOUND', { what: 'trash', name: id.slice(0, 80) });
    const folders = new ParentFolders(this.#parts);
    const refused = new Set<RelativePath>();
    const isTaken = (path: RelativePath) => refused.has(path) || index.get(path)?.deleted === false;
    for (let attempt = 1; ; attempt += 1) {
      const path = isTaken(item.path) ? freeName(takenName(item.path, FOLDER), isTaken) : item.path;
      await folders.prepare(path);
      const release = await index.hold([path]);
      try {
        await fileSystem.renameNew(join(this.#path(), id), index.locate(path));
        await folders.sync();
        await this.#unlink(join(this.#path(), id + RECORD));
        await fileSystem.syncDirectory(this.#path());
        if (this.#size !== undefined) this.#size -= item.size;
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

  /** Removes what is older than the limit, then the oldest until the rest is small enough. */
  async purge(): Promise<void> {
    const items = await this.list();
    const { maxAgeMs, maxSize } = this.#limits;
    const oldest = this.#parts.clock.now() - maxAgeMs;
    let size = items.reduce((sum, item) => sum + item.size, 0);
    for (const { id, time, size: bytes } of items.reverse()) {
      if (time >= oldest && size <= maxSize) break;
      await this.#unlink(join(this.#path(), id));
      await this.#unlink(join(this.#path(), id + RECORD));
      size -= bytes;
    }
    this.#size = size;
  }

  #purgeLater(): Promise<void> {
    this.#purging = this.#purging
      .then(() => this.purge())
      .catch((error: unknown) => {
        this.#parts.logger.warn('trash.purge-failed', { reason: systemErrorCode(error) ?? String(error) });
      });
    return this.#purging;
  }

  #path(): string {
    return join(this.#parts.folder, PRIVATE_FOLDER, FOLDER);
  }

  #newId(time: number): string {
    const random = Buffer.from(this.#parts.random.bytes(ID_BYTES)).toString('hex');
    const bounded = Math.min(Math.max(0, Math.floor(time)), 1e15 - 1);
    return `${String(bounded).padStart(15, '0')}-${random}`;
  }

  async #writeRecord(path: string, record: TrashRecord): Promise<void> {
    const file = await this.#parts.fileSystem.open(path, 'create');
    try {
      await file.write(writeTrashRecord(record), 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #readRecord(id: string): Promise<TrashRecord | undefined> {
    try {
      const file = await this.#parts.fileSystem.open(join(this.#path(), id + RECORD), 'read');
      try {
        const bytes = new Uint8Array(MAX_RECORD_BYTES);
        return readTrashRecord(bytes.subarray(0, await file.read(bytes, 0)));
      } finally {
        await file.close();
      }
    } catch {
      return undefined;
    }
  }

  async #stat(id: string): Promise<FileStat | undefined> {
    try {
      return await this.#parts.fileSystem.lstat(join(this.#path(), id));
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #unlink(path: string): Promise<void> {
    try {
      await this.#parts.fileSystem.unlink(path);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
}
