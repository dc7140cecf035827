import test from 'ava';
import { Simulation } from './simulation.ts';

/** Worlds that every run of the tests goes through; `.ci/run` goes on with `npm run simulate`. */
const WORLDS = 1000;
const AT_A_TIME = 50;

test('the same seed is the same world', async (t) => {
  const run = async () => {
    const lines: string[] = [];
    const simulation = new Simulation({ seed: 36, trace: (line) => void lines.push(line) });
    await simulation.run().catch((error: unknown) => lines.push(String(error)));
    return lines;
  };
  const first = await run();
  t.true(first.length > 20);
  t.deepEqual(await run(), first);
});

for (let first = 1; first <= WORLDS; first += AT_A_TIME) {
  const last = first + AT_A_TIME - 1;
  test.serial(`worlds ${first} to ${last} lose nothing, and agree when they are quiet`, async (t) => {
    for (let seed = first; seed <= last; seed += 1) {
      await t.notThrowsAsync(new Simulation({ seed }).run(), `npm run simulate -- --seed ${seed} --verbose`);
    }
  });
}
