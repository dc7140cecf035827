import { join } from 'node:path';
import { z } from 'zod';
import type { Clock, Timer } from '../core/clock.ts';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { parseRelativePath, PRIVATE_FOLDER, type RelativePath } from '../model/relative-path.ts';
import { freeName } from '../sync/names.ts';
import { ParentFolders } from './parent-folders.ts';

export type TrashReason = 'replaced' | 'deleted' | 'resolved';

export interface TrashItem {
  readonly id: string;
  /** Where it was. */
  readonly path: RelativePath;
  /** Bytes. */
  readonly size: number;
  /** When it was moved here, ms since the Unix epoch. */
  readonly time: number;
  readonly reason: TrashReason;
}

export interface TrashParts {
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly fileSystem: FileSystem;
  readonly index: LocalIndex;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** How long items are kept, in ms, and how many bytes of them. */
  readonly limits: { readonly maxAgeMs: number; readonly maxSize: number };
}

const NAME = 'trash';
const NOTE_SUFFIX = '.json';
const MAX_NOTE_BYTES = 64 * 1024;
const PURGE_INTERVAL_MS = 3_600_000;
const ID = /^[0-9a-z]{1,12}-[0-9a-f]{8}$/;

const note = z.object({
  path: z.string().transform(parseRelativePath),
  size: z.number().int().nonnegative(),
  time: z.number().int(),
  reason: z.enum(['replaced', 'deleted', 'resolved']),
});

/**
 * `.compartidos/trash` inside the shared folder, so that moving there is a rename: whatever the agent replaces or deletes
 * can be had back. An item is a file and a note that says where it was; the note is durable before the file moves, and a
 * note without a file means nothing.
 */
export class Trash implements Startable {
  readonly #parts: TrashParts;
  readonly #home: string;
  #timer: Timer | undefined;

  constructor(parts: TrashParts) {
    this.#parts = parts;
    this.#home = join(parts.folder, PRIVATE_FOLDER, NAME);
  }

  async start(): Promise<void> {
    if (this.#timer) return;
    this.#timer = this.#parts.clock.every(PURGE_INTERVAL_MS, () => void this.#purgeQuietly());
    await this.#purgeQuietly();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /**
   * Moves the file or link at `path` here; the caller has looked at it and records its absence. Returns the item's id.
   * Rejects with a system error; then the file is where it was.
   */
  async discard(path: RelativePath, reason: TrashReason): Promise<string> {
    const { fileSystem, index, clock, random } = this.#parts;
    const native = index.locate(path);
    const { size } = await fileSystem.lstat(native);
    const time = clock.now();
    const id = `${time.toString(36)}-${Buffer.from(random.bytes(4)).toString('hex')}`;
    await this.#writeNote(id, { path, size, time, reason });
    try {
      await fileSystem.renameNew(native, this.#pathOf(id));
    } catch (error) {
      await this.#removeIfThere(this.#noteOf(id));
      throw error;
    }
    await fileSystem.syncDirectory(this.#home);
    return id;
  }

  /** The latest first. */
  async list(): Promise<TrashItem[]> {
    const names = await this.#names();
    const items = await Promise.all([...names].filter((name) => ID.test(name)).map((id) => this.#read(id)));
    return items.filter((item) => item !== undefined).sort((a, b) => b.time - a.time);
  }

  /**
   * Puts an item back where it was, or beside what is there now; returns where.
   * @throws NOT_FOUND
   */
  async restore(id: string): Promise<RelativePath> {
    const item = ID.test(id) ? await this.#read(id) : undefined;
    if (!item) throw new CompartidosError('NOT_FOUND', { what: 'trash', name: id });
    const { fileSystem, index } = this.#parts;
    const folders = new ParentFolders(this.#parts);
    const taken = new Set<RelativePath>();
    for (;;) {
      const path = freeName(item.path, (candidate) => taken.has(candidate));
      await folders.prepare(path);
      try {
        await fileSystem.renameNew(this.#pathOf(id), index.locate(path));
      } catch (error) {
        if (systemErrorCode(error) !== 'EEXIST') throw error;
        taken.add(path);
        continue;
      }
      await folders.sync();
      await this.#removeIfThere(this.#noteOf(id));
      await index.refresh(path);
      return path;
    }
  }

  /** Removes what is too old, and the oldest of what is too much. */
  async purge(): Promise<void> {
    const { clock, limits, fileSystem } = this.#parts;
    let size = 0;
    for (const item of await this.list()) {
      size += item.size;
      if (clock.now() - item.time <= limits.maxAgeMs && size <= limits.maxSize) continue;
      size -= item.size;
      await fileSystem.unlink(this.#pathOf(item.id));
      await this.#removeIfThere(this.#noteOf(item.id));
    }
  }

  async #purgeQuietly(): Promise<void> {
    try {
      await this.purge();
    } catch (error) {
      this.#parts.logger.warn('trash.purge-failed', { reason: systemErrorCode(error) ?? String(error) });
    }
  }

  async #names(): Promise<Set<string>> {
    try {
      const items = await this.#parts.fileSystem.readDirectory(this.#home);
      return new Set(items.map(({ name }) => name));
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return new Set();
      throw error;
    }
  }

  async #read(id: string): Promise<TrashItem | undefined> {
    const { fileSystem } = this.#parts;
    try {
      await fileSystem.lstat(this.#pathOf(id));
      const file = await fileSystem.open(this.#noteOf(id), 'read');
      try {
        const bytes = Buffer.alloc(MAX_NOTE_BYTES);
        const length = await file.read(bytes, 0);
        return { id, ...note.parse(JSON.parse(bytes.toString('utf8', 0, length))) };
      } finally {
        await file.close();
      }
    } catch {
      // Somebody else's file, or half of an item that a crash left.
      return undefined;
    }
  }

  async #writeNote(id: string, content: Omit<TrashItem, 'id'>): Promise<void> {
    const { fileSystem } = this.#parts;
    const write = async () => {
      const file = await fileSystem.open(this.#noteOf(id), 'create');
      try {
        await file.write(Buffer.from(JSON.stringify(content)), 0);
        await file.sync();
      } finally {
        await file.close();
      }
    };
    try {
      await write();
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      await this.#makeHome();
      await write();
    }
    await fileSystem.syncDirectory(this.#home);
  }

  async #makeHome(): Promise<void> {
    for (const path of [join(this.#home, '..'), this.#home]) {
      await this.#parts.fileSystem.makeDirectory(path).catch((error: unknown) => {
        if (systemErrorCode(error) !== 'EEXIST') throw error;
      });
    }
  }

  async #removeIfThere(path: string): Promise<void> {
    await this.#parts.fileSystem.unlink(path).catch((error: unknown) => {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    });
  }

  #pathOf(id: string): string {
    return join(this.#home, id);
  }

  #noteOf(id: string): string {
    return join(this.#home, id + NOTE_SUFFIX);
  }
}
