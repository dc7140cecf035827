import type { Clock, Timer } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import { loadPosition, savePosition, type CheckPosition } from './check-position.ts';
import { isCheckable, type ContentCheck } from './content-check.ts';
import type { EntryStore, LocalFacts } from './entry-store.ts';
import type { FolderMemory } from './shared-folder.ts';
import { SqliteError } from './sqlite.ts';

export interface BackgroundCheckParts {
  readonly contents: Pick<ContentCheck, 'part'>;
  readonly store: Pick<EntryStore, 'facts' | 'factsAfter' | 'totals'>;
  /** The database. */
  readonly memory: FolderMemory;
  /** Whether there is something else to do: then it waits. */
  readonly isBusy: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** ms from the beginning of a round to that of the next one at least, and to its end if nothing else is done. */
const ROUND_INTERVAL = 30 * DAY;
const ROUND_TIME = 20 * DAY;
/** ms between two readings, each in one go, and between two looks whether a round is due. */
const STEP = 10_000;
const LOOK_INTERVAL = HOUR;
/** ms after which a crash makes it read again what it has read. */
const SAVE_INTERVAL = 600_000;
/** Bytes a second: slower is of no use, and faster would be felt. */
const MIN_RATE = 1_000_000;
const MAX_RATE = 8_000_000;
/** In bytes that could be read meanwhile: opening a file, and looking at what is none. */
const FILE_COST = 256 * 1024;
const ROW_COST = 16 * 1024;

/** Reads all files again, round after round, so slowly that nobody feels it, to find what the disk has damaged. */
export class BackgroundCheck implements Startable {
  readonly #parts: BackgroundCheckParts;
  #abort: AbortController | undefined;
  #timer: Timer | undefined;
  #position: CheckPosition;
  #savedAt = -Infinity;
  /** Bytes that may be read now; negative after a block that was larger. */
  #credit = 0;

  constructor(parts: BackgroundCheckParts) {
    this.#parts = parts;
    this.#position = resting(0);
  }

  /** A new folder has just been read: the first round begins an interval later. */
  async start(): Promise<void> {
    if (this.#abort) return;
    this.#abort = new AbortController();
    const { memory, clock } = this.#parts;
    const known = loadPosition(memory);
    this.#position = known ?? resting(clock.now());
    if (!known) this.#save();
    this.#goOn(STEP);
  }

  /** What is being read just now is of no use any more, and nobody waits for it. */
  async stop(): Promise<void> {
    if (!this.#abort) return;
    this.#abort.abort();
    this.#abort = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#position.path !== undefined) this.#save();
  }

  #goOn(delay: number): void {
    this.#timer = this.#parts.clock.after(delay, () => void this.#turn());
  }

  async #turn(): Promise<void> {
    const { signal } = this.#abort!;
    const { clock, isBusy, logger } = this.#parts;
    let delay = STEP;
    try {
      if (this.#position.path === undefined && !this.#isDue()) delay = LOOK_INTERVAL;
      else if (!isBusy()) await this.#step(signal);
    } catch (error) {
      if (signal.aborted) return;
      logger.error('check.failed', { message: String(error) });
      delay = LOOK_INTERVAL;
    }
    if (signal.aborted) return;
    if (delay === STEP && clock.monotonic() - this.#savedAt >= SAVE_INTERVAL) this.#save();
    this.#goOn(delay);
  }

  /** The wall clock may have been set back. */
  #isDue(): boolean {
    const elapsed = this.#parts.clock.now() - this.#position.began;
    return elapsed < 0 || elapsed >= ROUND_INTERVAL;
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { store, contents, isBusy, clock } = this.#parts;
    if (this.#position.path === undefined) {
      this.#position = { began: clock.now(), path: '', block: undefined };
    }
    const { began } = this.#position;
    const rate = Math.min(MAX_RATE, Math.max(MIN_RATE, (store.totals().bytes / ROUND_TIME) * 1000));
    const allowance = (rate * STEP) / 1000;
    this.#credit = Math.min(allowance, this.#credit + allowance);
    while (this.#credit > 0 && !signal.aborted && !isBusy()) {
      const facts = this.#next();
      if (!facts) {
        this.#position = resting(began);
        this.#credit = 0;
        this.#save();
        this.#parts.logger.debug('check.done', { files: store.totals().files });
        return;
      }
      this.#credit -= ROW_COST;
      const { path } = facts;
      const first = this.#position.path === path ? (this.#position.block ?? 0) : 0;
      let next: number | undefined;
      try {
        if (isCheckable(facts)) {
          const part = await contents.part(facts, first, this.#credit, signal);
          this.#credit -= FILE_COST + part.bytes;
          next = part.next;
        }
      } finally {
        // Even after an error: nothing can hold up a round.
        if (!signal.aborted) this.#position = { began, path, block: next };
      }
    }
  }

  /** The file under way, or what comes after the last one. */
  #next(): LocalFacts | undefined {
    const { store } = this.#parts;
    const { path, block } = this.#position;
    if (path === undefined) return undefined;
    const current = path !== '' && block !== undefined ? store.facts(path) : undefined;
    return current ?? store.factsAfter(path);
  }

  #save(): void {
    this.#savedAt = this.#parts.clock.monotonic();
    try {
      savePosition(this.#parts.memory, this.#position);
    } catch (error) {
      // A full disk: some is read twice.
      if (!(error instanceof SqliteError)) throw error;
    }
  }
}

/** The round that began then is over. */
function resting(began: number): CheckPosition {
  return { began, path: undefined, block: undefined };
}
