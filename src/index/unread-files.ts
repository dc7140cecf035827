import type { Clock, Timer } from '../core/clock.ts';
import type { HashOutcome } from './file-hasher.ts';

/** ms until a file that could not be read is tried again; twice as long after each time, up to the longest. */
const FIRST_DELAY = 5000;
const LONGEST_DELAY = 300_000;
/** More wait for an event, or the next scan. */
const MAX_FILES = 10_000;

/**
 * Files that cannot be read for now. On Windows other programs keep files to themselves, for a moment or for a day, and
 * nobody tells when they let go.
 */
export class UnreadFiles {
  readonly #clock: Clock;
  readonly #again: (path: string) => void;
  readonly #files = new Map<string, { readonly delay: number; readonly timer: Timer }>();

  /** `again` has the file at a path, absolute, looked at. */
  constructor(clock: Clock, again: (path: string) => void) {
    this.#clock = clock;
    this.#again = again;
  }

  /** Takes note of what reading `path` has come to. Says whether it could not be read; then it is tried again later. */
  tell(path: string, outcome: HashOutcome): boolean {
    const isUnread = outcome.type === 'failed' && outcome.code !== 'ENOENT' && outcome.code !== 'ABORTED';
    if (isUnread) this.#failed(path);
    else this.#over(path);
    return isUnread;
  }

  clear(): void {
    for (const { timer } of this.#files.values()) timer.cancel();
    this.#files.clear();
  }

  #failed(path: string): void {
    const before = this.#files.get(path);
    if (!before && this.#files.size >= MAX_FILES) return;
    before?.timer.cancel();
    const delay = before ? Math.min(2 * before.delay, LONGEST_DELAY) : FIRST_DELAY;
    const timer = this.#clock.after(delay, () => {
      // What has gone by then is told of no more.
      this.#files.set(path, {
        delay,
        timer: this.#clock.after(LONGEST_DELAY, () => this.#files.delete(path)),
      });
      this.#again(path);
    });
    this.#files.set(path, { delay, timer });
  }

  #over(path: string): void {
    this.#files.get(path)?.timer.cancel();
    this.#files.delete(path);
  }
}
