import { Worker } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';
import type { Clock, Timer } from './clock.ts';

/** ms of rest after which a thread is ended. */
const IDLE_MS = 10_000;

/** What the owner of a thread is told, and no more of either after `end`. */
export interface WorkerThreadEvents<Report> {
  readonly onReport: (report: Report) => void;
  /** The thread has thrown or exited, and with it went whatever it had been given. Once for each thread. */
  readonly onLost: () => void;
}

/**
 * A script in a thread of its own. The first order starts it, and it ends after 10 s of rest; the order after that, as
 * the one after a loss, starts another. It keeps the process alive from an order until it rests.
 */
export class WorkerThread<Order, Report> {
  readonly #script: URL;
  readonly #clock: Clock;
  readonly #events: WorkerThreadEvents<Report>;
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(script: URL, clock: Clock, events: WorkerThreadEvents<Report>) {
    this.#script = script;
    this.#clock = clock;
    this.#events = events;
  }

  /** Posts the order as it is; what is in `transfer` then belongs to the thread. */
  give(order: Order, transfer: readonly Transferable[] = []): void {
    this.#idle?.cancel();
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(order, transfer);
  }

  /** To be called when everything that was given is done: only the owner knows which report is the last. */
  rest(): void {
    if (!this.#worker) return;
    this.#idle?.cancel();
    this.#worker.unref();
    this.#idle = this.#clock.after(IDLE_MS, () => void this.end());
  }

  /** Ends the thread, whatever it is doing, and resolves when it is gone. Idempotent. */
  async end(): Promise<void> {
    this.#idle?.cancel();
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker) {
      worker.removeAllListeners();
      // A thread that fails again while it ends must not bring the agent down.
      worker.on('error', () => undefined);
      this.#ended = worker.terminate();
    }
    await this.#ended;
  }

  #start(): Worker {
    const worker = new Worker(this.#script);
    const lose = () => {
      void this.end();
      this.#events.onLost();
    };
    worker.on('message', (report: Report) => this.#events.onReport(report));
    worker.on('error', lose);
    worker.on('exit', lose);
    return worker;
  }
}
