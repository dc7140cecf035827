/** How much is allowed: `burst` at once, and `perSecond` in the long run. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket. Times are ms on a monotonic clock. */
export class RateLimit {
  readonly #rate: Rate;
  #tokens: number;
  #at: number | undefined;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#tokens = rate.burst;
  }

  /** Whether one more is allowed at `now`; it is then taken. */
  take(now: number): boolean {
    const { burst, perSecond } = this.#rate;
    const passed = Math.max(0, now - (this.#at ?? now));
    this.#tokens = Math.min(burst, this.#tokens + (passed / 1000) * perSecond);
    this.#at = Math.max(now, this.#at ?? now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** A rate limit for each source. It remembers `maxSources`; the one that was heard of longest ago goes first. */
export class RateLimitBySource {
  readonly #rate: Rate;
  readonly #maxSources: number;
  readonly #limits = new Map<string, RateLimit>();

  constructor(rate: Rate, maxSources: number) {
    this.#rate = rate;
    this.#maxSources = maxSources;
  }

  take(source: string, now: number): boolean {
    const limit = this.#limits.get(source) ?? new RateLimit(this.#rate);
    this.#limits.delete(source);
    this.#limits.set(source, limit);
    if (this.#limits.size > this.#maxSources) this.#limits.delete(this.#limits.keys().next().value!);
    return limit.take(now);
  }
}
