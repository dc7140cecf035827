import type { SeededRandom } from './seeded-random.ts';

/** What comes to few worlds only: so many of each. */
export interface Oddities {
  /** Files that the disk damages without a word. */
  readonly rot: number;
  /** Times that somebody writes, changes or removes a file of patterns. */
  readonly ignoring: number;
  /** Files and folders that cannot be read, or not be changed, for a while. */
  readonly denials: number;
  /** Times that a clock is set wrong, or right again. */
  readonly clockJumps: number;
}

export function drawOddities(random: SeededRandom): Oddities {
  const some = (probability: number, most: number) =>
    random.chance(probability) ? 1 + random.below(most) : 0;
  return {
    rot: some(0.08, 6),
    ignoring: some(0.08, 8),
    denials: some(0.08, 6),
    clockJumps: some(0.08, 4),
  };
}
