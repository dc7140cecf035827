import type { FileSystem, OpenFile } from '../core/file-system.ts';

interface Slot {
  readonly opened: Promise<OpenFile>;
  readonly version: number;
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

  /**
   * Runs `use` on the file at `path` (absolute), which stays open at least that long. What was opened for another
   * `version` may be another file. Rejects as `open` does.
   */
  async with<Result>(path: string, use: (file: OpenFile) => Promise<Result>, version = 0): Promise<Result> {
    const known = this.#slots.get(path);
    if (known && known.version !== version) this.#discard(path, known);
    const slot = this.#slots.get(path) ?? {
      opened: this.#fileSystem.open(path, 'read'),
      version,
      users: 0,
      discarded: false,
    };
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
        (file) => file.close(),
        () => undefined,
      )
      .catch(() => undefined);
  }
}
