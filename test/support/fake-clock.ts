import type { Clock, Timer } from '../../src/core/clock.ts';

interface Pending {
  due: number;
  order: number;
  callback: () => void;
}

/** A clock that stands still until the test moves it. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#pending.size;
  }

  /** ms until the next timer fires; undefined when there is none. */
  get nextIn(): number | undefined {
    const next = this.#next(Infinity);
    return next && next.due - this.#monotonic;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, callback: () => void): Timer {
    const timer = { due: this.#monotonic + Math.max(0, ms), order: this.#order++, callback };
    this.#pending.add(timer);
    return { cancel: () => this.#pending.delete(timer) };
  }

  every(ms: number, callback: () => void): Timer {
    let timer: Timer;
    const again = () => {
      timer = this.after(ms, again);
      callback();
    };
    timer = this.after(ms, again);
    return { cancel: () => timer.cancel() };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      const timer = this.after(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets `ms` pass: fires what falls due, in order, with the promises that each timer settles run in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#move(Math.max(next.due, this.#monotonic));
      this.#pending.delete(next);
      next.callback();
      await settle();
    }
    this.#move(end);
  }

  /** Lets `ms` pass without firing anything, as if the process had been stopped. */
  skip(ms: number): void {
    this.#move(this.#monotonic + ms);
  }

  /** As a person does, or a server of time: no time passes. */
  setWallClock(now: number): void {
    this.#now = now;
  }

  #next(end: number): Pending | undefined {
    let first: Pending | undefined;
    for (const timer of this.#pending) {
      if (timer.due > end) continue;
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order))
        first = timer;
    }
    return first;
  }

  #move(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

/** Runs what is waiting in the queues of promises, and the input and output that is ready. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
