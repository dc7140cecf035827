import type { Random } from '../core/random.ts';

const FIRST_MS = 250;
const LONGEST_MS = 60_000;
/** Part of the delay that is left to chance, so that many devices do not dial in step. */
const JITTER = 0.5;

/** ms to wait after `failures` (1 or more) in a row: twice as long each time, up to a minute. */
export function retryDelay(failures: number, random: Random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return longest * (1 - JITTER * random.next());
}
