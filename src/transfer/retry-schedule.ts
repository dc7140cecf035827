import type { Random } from '../core/random.ts';

const FIRST_MS = 500;
const LONGEST_MS = 5 * 60 * 1000;
/** Attempts in a row that brought nothing; then a download has failed. */
export const MAX_ATTEMPTS = 10;

/** How long to wait, in ms, after `attempts` (from 1) failures in a row: doubled each time, with jitter. */
export function retryDelay(attempts: number, random: Random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempts - 1));
  return longest * (0.5 + random.next() / 2);
}
