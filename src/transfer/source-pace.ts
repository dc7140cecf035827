const KIB = 1024;
const MIB = 1024 * KIB;

const MIN_WINDOW_BYTES = MIB;
const MAX_WINDOW_BYTES = 16 * MIB;
/** Requests under way at one source, however small they are. */
const MAX_REQUESTS = 256;
/** Beside the window, and of the requests, for small files only: a large one never shuts them out, nor they it. */
const RESERVED_BYTES = MIB;
const RESERVED_REQUESTS = MAX_REQUESTS / 4;
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
  readonly #all = { bytes: 0, requests: 0 };
  /** Those of small files among them. */
  readonly #small = { bytes: 0, requests: 0 };
  #isFull = false;

  /** Whether a block of `bytes` may be asked for. One always may, and a small file finds room beside large ones. */
  mayAsk(bytes: number, ofSmallFile: boolean): boolean {
    if (this.#all.requests === 0) return true;
    const isBesideLarge = this.#all.requests > this.#small.requests;
    const hasReserve =
      this.#small.bytes + bytes <= RESERVED_BYTES && this.#small.requests < RESERVED_REQUESTS;
    if (ofSmallFile && isBesideLarge && hasReserve) return true;
    const limit = this.#limit(bytes);
    const room = limit - this.#all.bytes + Math.min(this.#small.bytes, RESERVED_BYTES);
    const most = MAX_REQUESTS - RESERVED_REQUESTS;
    const more = most - this.#all.requests + Math.min(this.#small.requests, RESERVED_REQUESTS);
    if (this.#isFull) {
      const isWorthIt = room >= Math.min(REFILL_BYTES, limit * REFILL_PART);
      this.#isFull = !isWorthIt || more < most * REFILL_PART;
    } else this.#isFull = more === 0 || bytes > room;
    return !this.#isFull && bytes <= room;
  }

  asked(bytes: number, ofSmallFile: boolean): void {
    this.#count(bytes, 1, ofSmallFile);
  }

  /** A request for `bytes` is over; `latencyMs` when it was answered with the block. */
  settled(bytes: number, ofSmallFile: boolean, latencyMs: number | undefined): void {
    this.#count(-bytes, -1, ofSmallFile);
    if (latencyMs === undefined) {
      this.#window = Math.max(MIN_WINDOW_BYTES, this.#window / 2);
      return;
    }
    if (latencyMs < AIMED_AT_MS) this.#window = Math.min(MAX_WINDOW_BYTES, this.#window + bytes);
    if (latencyMs > 2 * AIMED_AT_MS) this.#window = Math.max(MIN_WINDOW_BYTES, this.#window - bytes / 2);
  }

  /** At least two blocks, or the line would lie idle between them. */
  #limit(bytes: number): number {
    return Math.max(this.#window, 2 * bytes);
  }

  #count(bytes: number, requests: number, ofSmallFile: boolean): void {
    this.#all.bytes += bytes;
    this.#all.requests += requests;
    if (!ofSmallFile) return;
    this.#small.bytes += bytes;
    this.#small.requests += requests;
  }
}
