import { storedBytes } from '../index/entry-row.ts';
import type { RemoteStore } from '../index/remote-store.ts';
import type { FileEntry } from '../model/file-entry.ts';

export interface CatalogueRoomParts {
  readonly remote: Pick<RemoteStore, 'free' | 'stored' | 'sweep'>;
  /** Bytes that the indexes of all devices may take together. */
  readonly maxStored: number;
  /** Bytes that downloads leave free on the disk; what is stored here leaves a tenth of it. */
  readonly minFree: number;
  /** Whether there is a device that is away, and of which something is stored. */
  readonly hasAway: () => boolean;
  /** Forgets the one that was away longest. False when there is none, or the database does not take it. */
  readonly forgetAway: () => boolean;
}

/** Whoever has too little room for files still wants to see what there is. */
const MIN_FREE_PARTS = 10;
/** Rows that are deleted in one go. */
export const SWEEP_ROWS = 1000;

/** Why there is no room: less than a tenth of `minFree` is free on the disk, or all that is stored is of devices that are here. */
export type Shortage = 'min-free' | 'catalogue-full';

/** There is no room for what a device says. Another time there may be. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom';
  readonly reason: Shortage;

  constructor(reason: Shortage) {
    super(reason);
    this.reason = reason;
  }
}

/** The room that the indexes of all devices take together: those of devices that were away longest make way. */
export class CatalogueRoom {
  readonly #parts: CatalogueRoomParts;
  #minFree: number;
  /** Bytes for which there was no room the last time. */
  #lacking = 0;

  constructor(parts: CatalogueRoomParts) {
    this.#parts = parts;
    this.#minFree = parts.minFree;
  }

  /** Takes up another `minFree`. */
  configure(minFree: number): void {
    this.#minFree = minFree;
  }

  /** Why what devices say is not stored at present, when it is so. */
  get shortage(): Shortage | undefined {
    const shortage = this.#lacking > 0 ? this.#shortageOf(this.#lacking) : undefined;
    return shortage === 'catalogue-full' && this.#parts.hasAway() ? undefined : shortage;
  }

  /** @throws NoRoom; SqliteError */
  makeFor(entries: readonly FileEntry[]): void {
    const bytes = entries.reduce((sum, entry) => sum + storedBytes(entry), 0);
    if (bytes === 0) return;
    for (;;) {
      const shortage = this.#shortageOf(bytes);
      this.#lacking = shortage ? bytes : 0;
      if (!shortage) return;
      if (shortage === 'min-free' || !this.#shrink()) throw new NoRoom(shortage);
    }
  }

  /** Deletes some of what nobody needs any more, or what is needed least; false when all is of devices that are here. */
  #shrink(): boolean {
    return this.#parts.remote.sweep(SWEEP_ROWS) || this.#parts.forgetAway();
  }

  #shortageOf(bytes: number): Shortage | undefined {
    const { remote, maxStored } = this.#parts;
    if (remote.free() - bytes < this.#minFree / MIN_FREE_PARTS) return 'min-free';
    return remote.stored + bytes > maxStored ? 'catalogue-full' : undefined;
  }
}
