/** When a device has told of changes, without a longer pause (monotonic ms). */
export interface Telling {
  readonly began: number;
  readonly last: number;
}

/** ms for which a file that may have been renamed waits at most for its old name to be withdrawn. */
export const MAX_RENAMING_MS = 30_000;

const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 10_000;

/**
 * Whether a device may be about to tell more of what it has begun to tell. A new name is announced when the file has
 * been read under it, and the old ones are withdrawn after that: who has read for long may search for longer.
 */
export function isStillTelling({ began, last }: Telling, now: number): boolean {
  return now - last < Math.min(MIN_PAUSE_MS + 2 * (last - began), MAX_PAUSE_MS);
}
