import test from 'ava';
import { Simulation } from './simulation.ts';

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

test('the first 120 worlds lose no content and show no file that is not whole', async (t) => {
  for (let seed = 1; seed <= 120; seed += 1) {
    try {
      await new Simulation({ seed }).run();
    } catch (error) {
      t.notRegex(
        String(error),
        /lost|partial file|removed for good/,
        `npm run simulate -- --seed ${seed} --verbose`,
      );
    }
  }
});
