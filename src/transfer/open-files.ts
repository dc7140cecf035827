import type { FileStat, FileSystem, OpenFile } from '../core/file-system.ts';

/** A file held open, with the facts that it had when it was opened. */
export interface HeldFile {
  readonly file: OpenFile;
  readonly facts: FileStat;
}

interface Slot {
  readonly opened: Promise<HeldFile>;
  users: number;
  /** Closed as soon as nobody uses it. */
  discarded: boolean;
}

/** Keeps the files open that were read last, so that a file sent block by block is opened once. */
export class OpenFiles {
  readonly #fileSystem: FileSystem;
  readonly #capacity: number;
  /** Least recently used first. */
  readonly #slots = new Map<string, Slot>();

  constructor(fileSystem: FileSystem, capacity: number) {
    this.#fileSystem = fileSystem;
    this.#capacity = capacity;
  }

  /** Runs `use` on the file at `path` (absolute), which stays open at least that long. Rejects as `open` does. */
  async with<Result>(path: string, use: (held: HeldFile) => Promise<Result>): Promise<Result> {
    const slot = this.#slots.get(path) ?? { opened: this.#open(path), users: 0, discarded: false };
    this.#slots.delete(path);
    this.#slots.set(path, slot);
    slot.users += 1;
    try {
      this.#evict();
      return await use(await slot.opened);
    } catch (error) {
      this.#discard(path, slot);
      throw error;
    } finally {
      slot.users -= 1;
      if (slot.discarded) this.#closeIfUnused(slot);
    }
  }

  /** Opens `path` anew next time. */
  discard(path: string): void {
    const slot = this.#slots.get(path);
    if (slot) this.#discard(path, slot);
  }

  closeAll(): void {
    for (const [path, slot] of [...this.#slots]) this.#discard(path, slot);
  }

  async #open(path: string): Promise<HeldFile> {
    const file = await this.#fileSystem.open(path, 'read');
    try {
      return { file, facts: await file.stat() };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #evict(): void {
    for (const [path, slot] of this.#slots) {
      if (this.#slots.size <= this.#capacity) return;
      this.#discard(path, slot);
    }
  }

  #discard(path: string, slot: Slot): void {
    if (this.#slots.get(path) === slot) this.#slots.delete(path);
    slot.discarded = true;
    this.#closeIfUnused(slot);
  }

  #closeIfUnused(slot: Slot): void {
    if (slot.users > 0) return;
    slot.users = Infinity;
    slot.opened
      .then(
        ({ file }) => file.close(),
        () => undefined,
      )
      .catch(() => undefined);
  }
}
