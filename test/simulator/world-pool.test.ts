import test from 'ava';
import { runWorlds } from './world-pool.ts';

test('each world is run once, whatever process runs it', async (t) => {
  const seeds = [1, 2, 3, 4, 5];
  const told: number[] = [];
  await runWorlds(seeds, 2, ({ seed, problem }) => {
    told.push(seed);
    t.is(problem, undefined);
  });
  t.deepEqual(
    told.sort((a, b) => a - b),
    seeds,
  );
});
