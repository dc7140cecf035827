import { backoff } from '../core/backoff.ts';
import type { Random } from '../core/random.ts';

/** ms. */
const LIMITS = { first: 250, longest: 60_000 };
/** A session that lasted this long was no failure. ms. */
const SETTLED_MS = 5_000;
/** How many failures in a row is worth what the peer said at the end. */
const FAILURES_WORTH: Readonly<Record<string, number>> = {
  'goodbye.stopping': 3,
  'goodbye.denied': 8,
  'goodbye.incompatible': 8,
  'goodbye.protocol-error': 8,
};

/** ms to wait after `failures` (1 or more) in a row. */
export function retryDelay(failures: number, random: Random): number {
  return backoff(failures, LIMITS, random);
}

/** How many failures in a row the end of a session that `lasted` so long (ms) is worth; 0: it was none. */
export function failuresWorth(reason: string, lasted: number): number | 'one-more' {
  const worth = FAILURES_WORTH[reason] ?? (reason.startsWith('own.protocol-error') ? 8 : undefined);
  return worth ?? (lasted >= SETTLED_MS ? 0 : 'one-more');
}
