import type { Clock, Timer } from '../core/clock.ts';
import type { ChangeFinder } from './change-finder.ts';
import type { FolderDisk } from './folder-disk.ts';
import { isFolderProblem, type FolderState } from './folder-state.ts';
import type { SharedFolder } from './shared-folder.ts';
import { SqliteError } from './sqlite.ts';

/** ms between two scans of everything, which find what no event told of; more often where not all is watched or read. */
const SCAN_INTERVAL = 3_600_000;
const SOON_SCAN_INTERVAL = 10_000;
/** ms between two looks for a folder that is lost. */
const FOLDER_CHECK_INTERVAL = 2000;
/** ms that the first scan waits for the content of what it found, before it is called complete; and each wait. */
const FIRST_CONTENT_TIME = 2000;
const SETTLE_STEP = 20;
/** ms until another try when the end of the first scan could not be written down. */
const REFUSED_STEP = 2000;

export interface ScanScheduleParts {
  readonly clock: Clock;
  readonly shared: SharedFolder;
  readonly disk: Pick<FolderDisk, 'learn'>;
  readonly state: FolderState;
  readonly finder: ChangeFinder;
  /** Whether nothing is indexed: then the folder may be a new one. */
  readonly isEmpty: () => boolean;
  /** The first scan since the start is complete. False when that cannot be written down yet: it is called again. */
  readonly onFirst: () => boolean;
}

/** Scans the shared folder at the start and from time to time, and finds one that was lost. */
export class ScanSchedule {
  readonly #parts: ScanScheduleParts;
  #abort: AbortController | undefined;
  #timer: Timer | undefined;
  #isFirst = true;

  constructor(parts: ScanScheduleParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the folder is found or lost; the first scan is under way then. Rejects with FOLDER_MISSING when it was
   * never there and cannot be made or used: nothing will bring it back.
   */
  async start(): Promise<void> {
    this.#abort = new AbortController();
    this.#isFirst = true;
    await this.#findFolder();
    void this.#scan();
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#timer?.cancel();
  }

  /** To be called when the state of the folder has changed: the next scan is due sooner, or later. */
  renew(): void {
    this.#timer?.cancel();
    if (!this.#abort) return;
    const { clock, state } = this.#parts;
    if (state.folderProblem) {
      this.#timer = clock.after(FOLDER_CHECK_INTERVAL, () => void this.#lookForFolder());
    } else {
      const isSoon = state.isWatchLimited || state.isUnread;
      const interval = isSoon ? SOON_SCAN_INTERVAL : SCAN_INTERVAL;
      this.#timer = clock.after(interval, () => void this.#scanAgain());
    }
  }

  async #scan(): Promise<void> {
    const { clock, finder, onFirst } = this.#parts;
    const signal = this.#abort?.signal;
    const isDone = await finder.scan();
    if (!signal || signal.aborted) return;
    this.renew();
    if (!isDone || !this.#isFirst) return;
    const end = clock.monotonic() + FIRST_CONTENT_TIME;
    while (!finder.isSettled && clock.monotonic() < end && !signal.aborted) await clock.sleep(SETTLE_STEP);
    this.#isFirst = false;
    while (!signal.aborted && !onFirst()) await clock.sleep(REFUSED_STEP);
  }

  /** The disk may be another one by now: of one that was unmounted in use nobody tells. */
  async #scanAgain(): Promise<void> {
    await this.#findAgain();
    if (this.#abort && !this.#parts.state.folderProblem) await this.#scan();
  }

  async #findFolder(): Promise<void> {
    const { shared, disk, state, isEmpty } = this.#parts;
    try {
      await shared.verify(isEmpty());
      await disk.learn();
      state.setFolder(undefined);
    } catch (error) {
      if (!isFolderProblem(error) || !shared.isKnown) throw error;
      state.setFolder(error);
    }
  }

  async #findAgain(): Promise<void> {
    try {
      await this.#findFolder();
    } catch (error) {
      // The database knows which folder is ours.
      if (!(error instanceof SqliteError)) throw error;
    }
  }

  async #lookForFolder(): Promise<void> {
    await this.#findAgain();
    if (!this.#abort) return;
    if (this.#parts.state.folderProblem) this.renew();
    else {
      this.#parts.finder.forgetWatches();
      await this.#scan();
    }
  }
}
