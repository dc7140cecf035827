/** ms over which the rate is smoothed. */
const SMOOTHING_MS = 3000;

/** How fast bytes arrive: an exponentially weighted rate over the last seconds. Times are monotonic ms. */
export class TransferMeter {
  #rate = 0;
  #pending = 0;
  #since: number | undefined;

  /** Bytes that arrived since the last sample. */
  add(bytes: number): void {
    this.#pending += bytes;
  }

  /** Takes a sample; to be called every now and then while bytes may arrive. */
  sample(now: number): void {
    if (this.#since === undefined) {
      this.#since = now;
      return;
    }
    const elapsed = now - this.#since;
    if (elapsed <= 0) return;
    const current = (this.#pending / elapsed) * 1000;
    const weight = this.#rate === 0 ? 1 : 1 - Math.exp(-elapsed / SMOOTHING_MS);
    this.#rate += (current - this.#rate) * weight;
    this.#pending = 0;
    this.#since = now;
  }

  /** Nothing is expected to arrive any more. */
  reset(): void {
    this.#rate = 0;
    this.#pending = 0;
    this.#since = undefined;
  }

  /** Bytes a second. */
  get rate(): number {
    return Math.round(this.#rate);
  }

  /** Seconds until `bytes` more have arrived, or null when that cannot be said. */
  eta(bytes: number): number | null {
    if (bytes <= 0) return 0;
    return this.#rate < 1 ? null : Math.ceil(bytes / this.#rate);
  }
}
