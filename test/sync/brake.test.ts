import test from 'ava';
import { isTooMuchAtOnce } from '../../src/sync/brake.ts';

for (const [count, files, isTooMuch] of [
  [1, 1, false],
  [20, 20, false],
  [21, 84, false],
  [21, 83, true],
  [200, 800, false],
  [200, 799, true],
  [201, 1_000_000, true],
] as const) {
  test(`${count} of ${files} are ${isTooMuch ? 'too many' : 'few enough'}`, (t) => {
    t.is(
      isTooMuchAtOnce(count, () => files),
      isTooMuch,
    );
  });
}

test('files are only counted when it matters', (t) => {
  for (const count of [0, 20, 201]) isTooMuchAtOnce(count, () => t.fail());
  t.pass();
});
