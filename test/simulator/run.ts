import { parseArgs } from 'node:util';
import { Simulation } from './simulation.ts';

/** `npm run simulate -- --seed N [--count N] [--verbose]`: runs worlds, and says which of them go wrong. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
});

const first = Number(values.seed);
const began = performance.now();
let failures = 0;
for (let seed = first; seed < first + Number(values.count); seed += 1) {
  const simulation = new Simulation({
    seed,
    ...(values.verbose ? { trace: (line: string) => void process.stdout.write(`${line}\n`) } : {}),
  });
  try {
    await simulation.run();
  } catch (error) {
    failures += 1;
    process.stdout.write(
      `seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message).slice(0, 400) : String(error)}\n`,
    );
  }
  // The database and the console have their turn.
  await new Promise((resolve) => setImmediate(resolve));
}
const ms = performance.now() - began;
process.stdout.write(
  `${values.count} seeds, ${failures} failures, ${(ms / Number(values.count)).toFixed(1)} ms each\n`,
);
process.exitCode = failures > 0 ? 1 : 0;
