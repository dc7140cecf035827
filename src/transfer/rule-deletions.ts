import type { Clock, Timer } from '../core/clock.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Rule } from '../sync/rule.ts';

/** ms for which deletions wait for more: a file that has vanished may be about to appear under another name. */
const PAUSE_MS = 1000;
const MAX_PAUSE_MS = 10_000;

/** Deletions that wait until no more of them come, so that a rename is seen as one and the brake sees them all. */
export class RuleDeletions {
  readonly #clock: Clock;
  readonly #isSettled: () => boolean;
  readonly #flush: (paths: readonly RelativePath[]) => void;
  /** Paths at the peers, the rule that would delete what is here, and whether that may be a loss. */
  readonly #waiting = new Map<RelativePath, { readonly rule: Rule; readonly isLoss: boolean }>();
  #since = 0;
  #timer: Timer | undefined;

  /**
   * `flush` is called with the paths at the peers when it is time: `isSettled`, all that is known has been looked at,
   * since some of that may be what these files are called now.
   */
  constructor(clock: Clock, isSettled: () => boolean, flush: (paths: readonly RelativePath[]) => void) {
    this.#clock = clock;
    this.#isSettled = isSettled;
    this.#flush = flush;
  }

  add(path: RelativePath, rule: Rule, isLoss: boolean): void {
    const now = this.#clock.monotonic();
    if (this.#waiting.size === 0) this.#since = now;
    this.#waiting.set(path, { rule, isLoss });
    this.#wait(Math.min(PAUSE_MS, this.#since + MAX_PAUSE_MS - now));
  }

  /** How many files the rule may lose. */
  countOf(rule: Rule): number {
    return [...this.#waiting.values()].filter((one) => one.isLoss && one.rule === rule).length;
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #wait(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(Math.max(0, ms), () => {
      if (!this.#isSettled()) {
        this.#wait(PAUSE_MS);
        return;
      }
      const paths = [...this.#waiting.keys()];
      this.clear();
      this.#flush(paths);
    });
  }
}
