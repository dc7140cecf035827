import type { Clock } from '../core/clock.ts';

/** How much of a second's worth may go at once after a pause. */
const BURST_SECONDS = 0.1;

/**
 * Lets bytes pass at a rate. What is taken may be more than there is: the debt then delays the next taker, so that
 * a block larger than the burst still passes whole.
 */
export class TokenBucket {
  readonly #clock: Clock;
  #rate: number | undefined;
  #tokens = 0;
  #filledAt: number;

  /** `rate` in bytes a second; undefined lets everything pass. */
  constructor(clock: Clock, rate: number | undefined) {
    this.#clock = clock;
    this.#rate = rate;
    this.#filledAt = clock.monotonic();
    this.#tokens = (rate ?? 0) * BURST_SECONDS;
  }

  get rate(): number | undefined {
    return this.#rate;
  }

  set rate(rate: number | undefined) {
    if (rate === this.#rate) return;
    this.#fill();
    const burst = (rate ?? 0) * BURST_SECONDS;
    this.#tokens = this.#rate === undefined ? burst : Math.min(this.#tokens, burst);
    this.#rate = rate;
  }

  /** How long, in ms, until bytes may be taken; 0 when they may be now. */
  delay(): number {
    if (this.#rate === undefined) return 0;
    this.#fill();
    if (this.#tokens > 0) return 0;
    return Math.ceil((-this.#tokens / this.#rate) * 1000) + 1;
  }

  /** Takes `bytes`, whatever `delay` says. */
  take(bytes: number): void {
    if (this.#rate === undefined) return;
    this.#fill();
    this.#tokens -= bytes;
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    if (this.#rate !== undefined) {
      const gained = ((now - this.#filledAt) / 1000) * this.#rate;
      this.#tokens = Math.min(this.#tokens + gained, this.#rate * BURST_SECONDS);
    }
    this.#filledAt = now;
  }
}
