import type { Clock, Timer } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { EntryStore, LocalChange, LocalFacts } from './entry-store.ts';
import type { DiskFacts } from './entry-table.ts';
import { SqliteError } from './sqlite.ts';

/** Changes that are written together at most. */
const MAX_BATCH = 1000;
/** ms until another try when the database could not be written. */
const RETRY_TIME = 2000;

/**
 * Writes changes of the local index in groups: what comes in one turn goes into one transaction, which costs one flush
 * of the disk. `current` and `facts` see what is not yet written.
 */
export class ChangeWriter {
  readonly #store: EntryStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onWritten: (entries: readonly FileEntry[]) => void;
  readonly #changes = new Map<RelativePath, LocalChange>();
  readonly #disk = new Map<RelativePath, DiskFacts>();
  readonly #mended = new Set<RelativePath>();
  #timer: Timer | undefined;
  /** The database has refused what waits. */
  #isRefused = false;

  constructor(
    store: EntryStore,
    clock: Clock,
    logger: Logger,
    onWritten: (entries: readonly FileEntry[]) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#onWritten = onWritten;
  }

  /** The entry as it will be. */
  current(path: RelativePath): Omit<FileEntry, 'sequence'> | undefined {
    return this.#changes.get(path)?.entry ?? this.#store.get(path);
  }

  /** What is known of a path, and of what it looked like on the disk. */
  facts(path: RelativePath): LocalFacts | undefined {
    const change = this.#changes.get(path);
    const facts = change ? factsOfChange(change) : this.#store.facts(path);
    const disk = this.#disk.get(path);
    return facts && disk ? { ...facts, disk } : facts;
  }

  /** What is there below `folder`, or will be. */
  *below(folder: RelativePath): Generator<RelativePath> {
    for (const { path, deleted } of this.#store.allFacts(folder)) {
      if (!deleted && !this.#changes.has(path)) yield path;
    }
    for (const [path, { entry }] of this.#changes) {
      if (!entry.deleted && path.startsWith(`${folder}/`)) yield path;
    }
  }

  put(change: LocalChange): void {
    const { path } = change.entry;
    this.#disk.delete(path);
    // The order of the changes is that of their sequences.
    this.#changes.delete(path);
    this.#changes.set(path, change);
    this.#schedule();
  }

  /** The same content, but other facts. */
  setDisk(path: RelativePath, disk: DiskFacts): void {
    const change = this.#changes.get(path);
    if (change) this.#changes.set(path, { ...change, disk });
    else this.#disk.set(path, disk);
    this.#schedule();
  }

  /** If it was corrupt, it is not any more; written with the next change of it. */
  setMended(path: RelativePath): void {
    this.#mended.add(path);
  }

  /** Writes what there is now. Throws what the database throws; nothing is lost then, and it is tried again. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#isRefused = true;
    try {
      this.#write();
      this.#isRefused = false;
    } finally {
      if (this.#isRefused) this.#timer = this.#clock.after(RETRY_TIME, () => this.tryFlush());
    }
  }

  /** The same, but what the database refuses is only logged. */
  tryFlush(): void {
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
      this.#logger.error('index.unwritable', { reason: error.code });
    }
  }

  #write(): void {
    for (const path of this.#mended) this.#store.corrupt.delete(path);
    this.#mended.clear();
    if (this.#disk.size > 0) {
      this.#store.setDisk([...this.#disk].map(([path, disk]) => ({ path, disk })));
      this.#disk.clear();
    }
    if (this.#changes.size === 0) return;
    const entries = this.#store.put([...this.#changes.values()]);
    this.#changes.clear();
    this.#onWritten(entries);
  }

  #schedule(): void {
    if (this.#changes.size + this.#disk.size >= MAX_BATCH && !this.#isRefused) this.tryFlush();
    else this.#timer ??= this.#clock.after(0, () => this.tryFlush());
  }
}

function factsOfChange({ entry, disk }: LocalChange): LocalFacts {
  const { path, type, deleted, size, executable, hash } = entry;
  return { path, type, deleted, size, hashed: hash !== undefined, executable, disk };
}
