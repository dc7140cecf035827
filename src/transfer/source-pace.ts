const KIB = 1024;
const MIB = 1024 * KIB;

const MIN_WINDOW_BYTES = MIB;
const MAX_WINDOW_BYTES = 16 * MIB;
/** Requests under way at one source, however small they are. */
export const MAX_REQUESTS = 256;
/** Of the window, for small files only: a large one never shuts them out. */
const RESERVED_BYTES = MIB;
/** Once there is no room, nothing is asked before there is so much: many blocks with one request. Bytes. */
const REFILL_BYTES = 2 * MIB;
/** The same of the window, and of the requests. */
const REFILL_PART = 1 / 4;
/** How long a request should wait for those before it: enough to keep the line full, too little to be felt. */
const AIMED_AT_MS = 100;

/**
 * How much is asked of one source at a time. The window grows while answers come back sooner than AIMED_AT_MS and
 * shrinks when they take more than twice that, and so settles at what the source sends in that time.
 */
export class SourcePace {
  #window = MIN_WINDOW_BYTES;
  #bytes = 0;
  #requests = 0;
  #isFull = false;
  #latency = AIMED_AT_MS;

  /** Whether a block of `bytes` may be asked for. One always may, and a small file finds room beside large ones. */
  mayAsk(bytes: number, ofSmallFile: boolean): boolean {
    if (this.#requests === 0) return true;
    const limit = this.#limit(bytes) + (ofSmallFile ? RESERVED_BYTES : 0);
    const room = limit - this.#bytes;
    const more = MAX_REQUESTS - this.#requests;
    if (this.#isFull) {
      const isWorthIt = room >= Math.min(REFILL_BYTES, limit * REFILL_PART);
      this.#isFull = !isWorthIt || more < MAX_REQUESTS * REFILL_PART;
    } else this.#isFull = more === 0 || bytes > room;
    return !this.#isFull && bytes <= room;
  }

  asked(bytes: number): void {
    this.#bytes += bytes;
    this.#requests += 1;
  }

  /** A request for `bytes` is over; `latencyMs` when it was answered with the block. */
  settled(bytes: number, latencyMs: number | undefined): void {
    this.#bytes -= bytes;
    this.#requests -= 1;
    if (latencyMs === undefined) {
      this.#window = Math.max(MIN_WINDOW_BYTES, this.#window / 2);
      return;
    }
    this.#latency += (latencyMs - this.#latency) / 8;
    if (latencyMs < AIMED_AT_MS) this.#window = Math.min(MAX_WINDOW_BYTES, this.#window + bytes);
    if (latencyMs > 2 * AIMED_AT_MS) this.#window = Math.max(MIN_WINDOW_BYTES, this.#window - bytes / 2);
  }

  /** Bytes. */
  get window(): number {
    return this.#window;
  }

  /** How long an answer takes, in ms, smoothed. */
  get latency(): number {
    return this.#latency;
  }

  get requests(): number {
    return this.#requests;
  }

  /** At least two blocks, or the line would lie idle between them. */
  #limit(bytes: number): number {
    return Math.max(this.#window, 2 * bytes);
  }
}
