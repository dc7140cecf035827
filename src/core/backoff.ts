import type { Random } from './random.ts';

export interface BackoffLimits {
  /** After the first failure. ms. */
  readonly first: number;
  /** ms. */
  readonly longest: number;
}

/** Part of the delay that is left to chance, so that many do not try again in step. */
const JITTER = 0.5;

/** ms to wait after `failures` (1 or more) in a row: twice as long each time, up to the longest, or half of it by chance. */
export function backoff(failures: number, { first, longest }: BackoffLimits, random: Random): number {
  const most = Math.min(longest, first * 2 ** Math.min(failures - 1, 30));
  return most * (1 - JITTER * random.next());
}
