import test from 'ava';
import { fileURLToPath } from 'node:url';
import { runWorlds } from './world-pool.ts';

test('each world is run once, whatever process runs it', async (t) => {
  const seeds = [1, 2, 3, 4, 5];
  const told: number[] = [];
  await runWorlds(seeds, { count: 2 }, ({ seed, problem }) => {
    told.push(seed);
    t.is(problem, undefined);
  });
  t.deepEqual(
    told.sort((a, b) => a - b),
    seeds,
  );
});

test('a process has its worlds and makes room for another, and so does the one after it has ended early', async (t) => {
  const program = fileURLToPath(new URL('../fixtures/world-stub.js', import.meta.url));
  const told: (string | undefined)[] = [];
  await runWorlds([1, 2, 3, 4, 5, 6, 7], { count: 1, worldsEach: 3, program }, ({ problem }) =>
    told.push(problem),
  );
  const [first, end, second, , , third] = told;
  t.is(new Set([first, second, third]).size, 3);
  t.deepEqual(told, [first, end, second, second, second, third, third]);
  t.is(end, 'its process ended with 1');
});
