/**
 * Bytes of blocks that may be in memory for all peers together. Whoever gets none is called when some are given
 * back, in the order in which they asked.
 */
export class ReplyBudget {
  #free: number;
  readonly #total: number;
  readonly #waiting = new Set<() => void>();

  constructor(bytes: number) {
    this.#total = bytes;
    this.#free = bytes;
  }

  /** Whether `bytes` were taken. More than there are in all can be taken when nobody else has any. */
  take(bytes: number, retry: () => void): boolean {
    if (bytes <= this.#free || this.#free === this.#total) {
      this.#free -= bytes;
      this.#waiting.delete(retry);
      return true;
    }
    this.#waiting.add(retry);
    return false;
  }

  give(bytes: number): void {
    this.#free += bytes;
    for (const retry of [...this.#waiting]) {
      if (this.#free <= 0) return;
      this.#waiting.delete(retry);
      retry();
    }
  }

  /** `retry` will not be called again. */
  forget(retry: () => void): void {
    this.#waiting.delete(retry);
  }
}
