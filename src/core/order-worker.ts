import type { Transferable } from 'node:worker_threads';
import type { Clock } from './clock.ts';
import { WorkerThread } from './worker-thread.ts';

/** A script in a thread of its own that answers each order with one report, in the order in which they were given. */
export class OrderWorker<Order, Report> {
  readonly #thread: WorkerThread<Order, Report>;
  readonly #waiting: ((report: Report | undefined) => void)[] = [];

  constructor(script: URL, clock: Clock) {
    this.#thread = new WorkerThread<Order, Report>(script, clock, {
      onReport: (report) => this.#hear(report),
      onLost: () => this.#giveUp(),
    });
  }

  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Resolves with the report, or with undefined when the thread was lost or ended before. What is in `transfer` belongs
   * to the thread, and is lost with it.
   */
  carryOut(order: Order, transfer: readonly Transferable[] = []): Promise<Report | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#thread.give(order, transfer);
    });
  }

  /** Ends the thread, and resolves when it is gone. An order after that starts another. Idempotent. */
  async end(): Promise<void> {
    this.#giveUp();
    await this.#thread.end();
  }

  #hear(report: Report): void {
    this.#waiting.shift()!(report);
    if (!this.isBusy) this.#thread.rest();
  }

  #giveUp(): void {
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}
