import test from 'ava';
import { Simulation } from './simulation.ts';

test('the same seed is the same world', async (t) => {
  const run = async () => {
    const lines: string[] = [];
    const simulation = new Simulation({ seed: 11, trace: (line) => void lines.push(line) });
    await simulation.run().catch((error: unknown) => lines.push(String(error)));
    return lines;
  };
  const first = await run();
  t.true(first.length > 20);
  t.deepEqual(await run(), first);
});
