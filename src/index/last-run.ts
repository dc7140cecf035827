import type { EntryStore } from './entry-store.ts';
import type { FolderMemory } from './shared-folder.ts';
import { SqliteError } from './sqlite.ts';

const KEY = 'index-stopped';
/** µs within which an operating system has written to the disk what programs have written (Linux: about 35 s). */
const WRITE_BACK_TIME = 60_000_000;

/**
 * How the last run of the index ended. If the power failed, what was read of a file may never have come to the disk,
 * though its size and times are what they were: then the files that changed last are read again.
 */
export class LastRun {
  readonly #memory: FolderMemory;
  readonly #store: Pick<EntryStore, 'doubtLatest' | 'hasDoubts'>;

  constructor(memory: FolderMemory, store: Pick<EntryStore, 'doubtLatest' | 'hasDoubts'>) {
    this.#memory = memory;
    this.#store = store;
  }

  /** Before anything is scanned. Throws what the database throws. */
  begin(): void {
    if (this.#memory.meta(KEY) !== 1) this.#store.doubtLatest(WRITE_BACK_TIME);
    this.#memory.setMeta(KEY, 0);
  }

  /** When everything is recorded, in good order. What could not be read again since a crash is doubted further. */
  end(): void {
    try {
      if (!this.#store.hasDoubts) this.#memory.setMeta(KEY, 1);
    } catch (error) {
      // A full disk: the next start takes it for a crash.
      if (!(error instanceof SqliteError)) throw error;
    }
  }
}
