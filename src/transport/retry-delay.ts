import type { Random } from '../core/random.ts';

const FIRST_MS = 250;
const LONGEST_MS = 60_000;
/** Part of the delay that is left to chance, so that many devices do not dial in step. */
const JITTER = 0.5;
/** A session that lasted this long was no failure. ms. */
const SETTLED_MS = 5_000;
/** How many failures in a row is worth what the peer said at the end. */
const FAILURES_WORTH: Readonly<Record<string, number>> = {
  'goodbye.stopping': 3,
  'goodbye.denied': 8,
  'goodbye.incompatible': 8,
  'goodbye.protocol-error': 8,
};

/** ms to wait after `failures` (1 or more) in a row: twice as long each time, up to a minute. */
export function retryDelay(failures: number, random: Random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return longest * (1 - JITTER * random.next());
}

/** How many failures in a row the end of a session that `lasted` so long (ms) is worth; 0: it was none. */
export function failuresWorth(reason: string, lasted: number): number | 'one-more' {
  const worth = FAILURES_WORTH[reason] ?? (reason.startsWith('own.protocol-error') ? 8 : undefined);
  return worth ?? (lasted >= SETTLED_MS ? 0 : 'one-more');
}
