import test from 'ava';
import fc from 'fast-check';
import { runsOf } from '../../src/core/runs.ts';

test('what follows one another and belongs together is one run, as long as it can be', (t) => {
  const isNext = (before: number, item: number) => item === before + 1;
  t.deepEqual([...runsOf([1, 2, 4, 5, 6, 6], isNext)], [[1, 2], [4, 5, 6], [6]]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 })), (items) => {
      const runs = [...runsOf(items, isNext)];
      t.deepEqual(runs.flat(), items);
      for (const [number, run] of runs.entries()) {
        t.true(run.length > 0);
        t.true(run.every((item, at) => at === 0 || isNext(run[at - 1]!, item)));
        t.false(number > 0 && isNext(runs[number - 1]!.at(-1)!, run[0]!));
      }
    }),
  );
});
