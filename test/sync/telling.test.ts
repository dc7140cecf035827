import test from 'ava';
import { isStillTelling } from '../../src/sync/telling.ts';

const cases: readonly (readonly [began: number, last: number, now: number, is: boolean])[] = [
  // One change: only the withdrawal of an old name may follow.
  [1000, 1000, 1000, true],
  [1000, 1000, 1999, true],
  [1000, 1000, 2000, false],
  // What took long to tell may take longer to end.
  [0, 2000, 6999, true],
  [0, 2000, 7000, false],
  // But not for ever.
  [0, 3_600_000, 3_609_999, true],
  [0, 3_600_000, 3_610_000, false],
];

for (const [began, last, now, is] of cases) {
  test(`who told from ${began} to ${last} may go on at ${now}: ${is}`, (t) => {
    t.is(isStillTelling({ began, last }, now), is);
  });
}
