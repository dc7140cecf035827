import type { LimitSettings } from '../../src/config/settings.ts';
import type { SeededRandom } from './seeded-random.ts';

/** How bad a world is. */
export interface Troubles {
  /** Probability that an operation on a disk takes time, or fails. */
  readonly delay: number;
  readonly fault: number;
  /** Operations of a process between two crashes, on the average; 0 means none. */
  readonly crashEvery: number;
  readonly powerCut: number;
  readonly overflow: number;
  readonly breaks: number;
  readonly fullDisks: boolean;
  /** Probability that the database is copied when something happens, and set back to that after a crash. */
  readonly backups: number;
  readonly limits: Partial<LimitSettings>;
  /** How often people ask their agents for something, and try out other rules. */
  readonly requests: number;
  readonly ruleChanges: number;
}

export function drawTroubles(random: SeededRandom): Troubles {
  return {
    delay: random.pick([0.05, 0.2, 0.5]),
    fault: random.pick([0, 0, 0.002, 0.01]),
    crashEvery: random.pick([0, 100, 300, 1000]),
    powerCut: random.pick([0, 0.5, 0.8]),
    overflow: random.pick([0, 0, 0.02]),
    breaks: random.pick([0, 0.3, 0.6]),
    fullDisks: random.chance(0.2),
    backups: random.pick([0, 0, 0, 0.3]),
    limits: random.chance(0.1) ? { up: 400_000, downloads: 1 } : {},
    requests: random.chance(0.4) ? 1 + random.below(10) : 0,
    ruleChanges: random.chance(0.25) ? 1 + random.below(4) : 0,
  };
}
