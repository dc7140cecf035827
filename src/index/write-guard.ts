import type { Clock, Timer } from '../core/clock.ts';

/** ms. What came whole is looked at after this, so that a burst of events on one path costs one look. */
export const ARRIVAL_DELAY = 5;
/** ms. What is written in place is looked at when nobody has written to it for this long. */
export const QUIET_TIME = 375;

/**
 * Decides when a path that something happened to is looked at, so that a file is announced soon, but not half-done.
 *
 * A file that is moved or linked into its place yields an `arrived` alone, since it was written elsewhere: it is
 * whole. A file that is written in its place yields an `arrived` when it is made and a `written` with every write;
 * nothing tells of the last one, so it is taken for whole after QUIET_TIME without a write. A writer that pauses for
 * longer is announced too early, and again after its next write.
 *
 * Both kinds wait for a fixed time, so each is a queue in the order of arrival.
 */
export class WriteGuard {
  readonly #clock: Clock;
  readonly #onDue: (paths: string[], occasion: 'arrived' | 'quiet') => void;
  /** When each path is due, on the monotonic clock. */
  readonly #arrived = new Map<string, number>();
  readonly #written = new Map<string, number>();
  #lastArrival = -Infinity;
  #waiters: { readonly due: number; readonly resolve: () => void }[] = [];
  #timer: Timer | undefined;
  #timerDue = Infinity;

  constructor(clock: Clock, onDue: (paths: string[], occasion: 'arrived' | 'quiet') => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Paths that wait for their look. */
  get size(): number {
    return this.#arrived.size + this.#written.size;
  }

  arrived(path: string): void {
    this.#written.delete(path);
    if (!this.#arrived.has(path)) {
      this.#lastArrival = this.#clock.monotonic() + ARRIVAL_DELAY;
      this.#arrived.set(path, this.#lastArrival);
    }
    this.#arm();
  }

  written(path: string): void {
    this.#arrived.delete(path);
    this.#written.delete(path);
    this.#written.set(path, this.#clock.monotonic() + QUIET_TIME);
    this.#arm();
  }

  /** Whether somebody wrote to it within QUIET_TIME. */
  isBeingWritten(path: string): boolean {
    return this.#written.has(path);
  }

  /** Resolves when everything that has arrived by now has been handed over to be looked at. */
  handedOver(): Promise<void> {
    if (this.#arrived.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ due: this.#lastArrival, resolve }));
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerDue = Infinity;
    this.#arrived.clear();
    this.#written.clear();
    this.#release();
  }

  #arm(): void {
    const due = Math.min(firstDue(this.#arrived), firstDue(this.#written));
    if (due >= this.#timerDue) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerDue = due;
    if (due === Infinity) return;
    this.#timer = this.#clock.after(Math.max(0, due - this.#clock.monotonic()), () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerDue = Infinity;
    const now = this.#clock.monotonic();
    const arrived = takeDue(this.#arrived, now);
    const quiet = takeDue(this.#written, now);
    this.#arm();
    if (arrived.length > 0) this.#onDue(arrived, 'arrived');
    if (quiet.length > 0) this.#onDue(quiet, 'quiet');
    this.#release();
  }

  #release(): void {
    const first = firstDue(this.#arrived);
    const released = this.#waiters.filter(({ due }) => due < first);
    this.#waiters = this.#waiters.filter(({ due }) => due >= first);
    for (const { resolve } of released) resolve();
  }
}

function firstDue(queue: Map<string, number>): number {
  return queue.values().next().value ?? Infinity;
}

function takeDue(queue: Map<string, number>, now: number): string[] {
  const paths: string[] = [];
  for (const [path, due] of queue) {
    // A timer may fire a fraction of a ms early.
    if (due > now + 1) break;
    paths.push(path);
    queue.delete(path);
  }
  return paths;
}
