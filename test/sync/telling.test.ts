import test from 'ava';
import { isStillTelling, tellingOn, wasBefore } from '../../src/sync/telling.ts';
import { deviceNamed } from '../support/entries.ts';

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
    t.is(isStillTelling({ began, last, first: 0 }, now), is);
  });
}

test('what was there before a device began to tell is told from what came with it', (t) => {
  const changed = (value: number) => ({ version: [{ device: deviceNamed('writer'), value }] });
  const telling = tellingOn(undefined, 0, [changed(700), changed(500)]);
  t.deepEqual(telling, { began: 0, last: 0, first: 500 });
  const later = tellingOn(telling, 900, [changed(300)]);
  t.deepEqual(later, { began: 0, last: 900, first: 500 });
  t.true(wasBefore(changed(499), later));
  t.false(wasBefore(changed(500), later));
  t.deepEqual(tellingOn(later, 10_000, [changed(9000)]), { began: 10_000, last: 10_000, first: 9000 });
});
