import type { Clock, Timer } from '../core/clock.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** ms until what has failed is tried again, and until the first look at a folder that was not empty. */
const RETRY_MS = 30_000;
/** Longest time between two looks at a folder that is not empty. ms. */
const MAX_FULL_MS = 3_600_000;

/**
 * What rules cannot do now, and when it is looked at again: when something of ours has gone that is in the way, when a
 * folder that is to go is empty, or after a while.
 */
export class RuleWaits {
  readonly #clock: Clock;
  readonly #again: (path: RelativePath) => void;
  /** By a folder or file of ours that is in the way: what waits for it to go, as peers call it. */
  readonly #waiting = new Map<RelativePath, Set<RelativePath>>();
  /** Folders of ours that were not empty when they were to go: when they are looked at again. */
  readonly #full = new Map<RelativePath, { readonly delay: number; readonly timer: Timer }>();
  readonly #timers = new Set<Timer>();
  #isStopped = false;

  /** `again` has what peers call `path` looked at again. */
  constructor(clock: Clock, again: (path: RelativePath) => void) {
    this.#clock = clock;
    this.#again = again;
  }

  start(): void {
    this.#isStopped = false;
  }

  /** Nothing is looked at again. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#waiting.clear();
    this.#full.clear();
  }

  /** `path` has failed. */
  failed(path: RelativePath): void {
    if (!this.#isStopped) this.#after(RETRY_MS, path);
  }

  /** `path` is looked at again when `obstacle` has changed. */
  waitFor(obstacle: RelativePath, path: RelativePath): void {
    if (this.#isStopped) return;
    this.#waiting.set(obstacle, (this.#waiting.get(obstacle) ?? new Set()).add(path));
  }

  /** A folder is looked at again when something in it goes, and now and then: nobody tells of what no index knows. */
  waitForEmpty(folder: RelativePath, path: RelativePath): void {
    this.waitFor(folder, path);
    if (this.#isStopped) return;
    const { delay } = this.#full.get(folder) ?? { delay: RETRY_MS / 2 };
    this.over(folder);
    const next = Math.min(2 * delay, MAX_FULL_MS);
    this.#full.set(folder, { delay: next, timer: this.#after(next, path) });
  }

  /** Whether `folder` was not empty when it was to go. */
  isFull(folder: RelativePath): boolean {
    return this.#full.has(folder);
  }

  /** `folder` has gone, or is not to go any more. */
  over(folder: RelativePath): void {
    const timer = this.#full.get(folder)?.timer;
    if (!timer) return;
    timer.cancel();
    this.#timers.delete(timer);
    this.#full.delete(folder);
  }

  /** What of ours is called `obstacle`, or something in it, has changed. */
  letPass(obstacle: RelativePath): void {
    const waiting = this.#waiting.get(obstacle);
    this.#waiting.delete(obstacle);
    for (const path of waiting ?? []) this.#again(path);
  }

  #after(ms: number, path: RelativePath): Timer {
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer);
      this.#again(path);
    });
    this.#timers.add(timer);
    return timer;
  }
}
