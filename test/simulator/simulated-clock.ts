import type { Clock, Timer } from '../../src/core/clock.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  /** Undefined once it was cancelled. */
  run: (() => void) | undefined;
}

/** The beginning of simulated time, ms since the Unix epoch. */
const EPOCH = Date.UTC(2026, 0, 5);

/** Time that passes only when nothing is left to do, and then at once to the next timer. */
export class SimulatedTime {
  /** ms since the beginning. */
  now = 0;
  /** Events so far. */
  count = 0;
  readonly #events: Event[] = [];
  #lastOrder = 0;

  at(time: number, run: () => void): Timer {
    const event: Event = { at: Math.max(time, this.now), order: (this.#lastOrder += 1), run };
    this.#push(event);
    return { cancel: () => void (event.run = undefined) };
  }

  after(ms: number, run: () => void): Timer {
    return this.at(this.now + Math.max(0, ms), run);
  }

  /** Runs everything that happens until `time`, in ms since the beginning, or until `isOver`. */
  runUntil(time: number, isOver: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = () => {
        try {
          const next = this.#events[0];
          if (isOver()) return resolve();
          if (!next || next.at > time) {
            this.now = time;
            return resolve();
          }
          this.#pop();
          if (next.run) {
            this.now = next.at;
            this.count += 1;
            next.run();
          }
        } catch (error) {
          return reject(new Error('a timer failed', { cause: error }));
        }
        settle(step);
      };
      settle(step);
    });
  }

  #push(event: Event): void {
    const heap = this.#events;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#events;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

/** The clock of one process. When the process is killed, nothing that it waits for happens any more. */
export class SimulatedClock implements Clock {
  readonly #time: SimulatedTime;
  readonly #skew: () => number;
  #isAlive = true;

  /** @param skew ms that the clock of the machine is wrong by. */
  constructor(time: SimulatedTime, skew: () => number = () => 0) {
    this.#time = time;
    this.#skew = skew;
  }

  kill(): void {
    this.#isAlive = false;
  }

  now(): number {
    return Math.floor(EPOCH + this.#time.now + this.#skew());
  }

  monotonic(): number {
    return this.#time.now;
  }

  after(ms: number, callback: () => void): Timer {
    if (!this.#isAlive) return { cancel: () => {} };
    return this.#time.after(ms, () => {
      if (this.#isAlive) callback();
    });
  }

  every(ms: number, callback: () => void): Timer {
    let timer: Timer | undefined;
    let isOver = false;
    const arm = () => {
      timer = this.after(ms, () => {
        callback();
        if (!isOver) arm();
      });
    };
    arm();
    return {
      cancel: () => {
        isOver = true;
        timer?.cancel();
      },
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const abort = () => {
        timer.cancel();
        reject(signal!.reason as Error);
      };
      const timer = this.after(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

/**
 * Calls `then` when no promise has anything left to do. The queue of ticks is served only when that of promises is
 * empty; a tick made from within a promise comes after everything that promises still set off.
 */
function settle(then: () => void): void {
  queueMicrotask(() => process.nextTick(then));
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
