import { CompartidosError } from '../core/errors.ts';

/**
 * Ends an attempt from outside: what an AbortController does, which costs each of thousands of small files more than its
 * queue does.
 */
export class Interruption {
  #listeners: (() => void)[] = [];
  #reason: CompartidosError | undefined;

  /** Whether it has come: ABORTED; else undefined. */
  get reason(): CompartidosError | undefined {
    return this.#reason;
  }

  /** Once; calling it again does nothing. */
  interrupt(): void {
    if (this.#reason) return;
    this.#reason = new CompartidosError('ABORTED');
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  /** @throws ABORTED when it has come. */
  demandNone(): void {
    if (this.#reason) throw this.#reason;
  }

  /** Calls `listener` when it comes. @returns what takes that back. */
  on(listener: () => void): () => void {
    this.#listeners = this.#listeners.concat(listener);
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }

  /** The same for what takes a signal. */
  toSignal(): AbortSignal {
    const controller = new AbortController();
    if (this.#reason) controller.abort(this.#reason);
    else this.on(() => controller.abort(this.#reason));
    return controller.signal;
  }
}
