import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runWorld } from './run-world.ts';
import { runWorlds } from './world-pool.ts';

/**
 * `npm run simulate -- --seed N [--count N] [--processes N] [--verbose]`: runs worlds, and says which of them go wrong.
 * `--verbose` tells what happens in them.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    processes: { type: 'string', default: String(availableParallelism()) },
    verbose: { type: 'boolean', default: false },
  },
});

const [first, count, processes] = [values.seed, values.count, values.processes].map(Number) as [
  number,
  number,
  number,
];
if (![first, count, processes].every((number) => Number.isSafeInteger(number) && number > 0)) {
  throw new Error('--seed, --count and --processes are positive integers');
}

function* seeds(): Generator<number> {
  for (let seed = first; seed < first + count; seed += 1) yield seed;
}

let failures = 0;
function tell({ seed, problem }: { seed: number; problem: string | undefined }): void {
  if (problem === undefined) return;
  failures += 1;
  process.stdout.write(`seed ${seed}: ${problem}\n    npm run simulate -- --seed ${seed} --verbose\n`);
}

const began = performance.now();
if (values.verbose || count === 1) {
  const trace = values.verbose ? (line: string) => void process.stdout.write(`${line}\n`) : undefined;
  for (const seed of seeds()) tell({ seed, problem: await runWorld(seed, trace) });
} else await runWorlds(seeds(), { count: processes }, tell);

const seconds = (performance.now() - began) / 1000;
process.stdout.write(
  `${count} worlds, ${failures} went wrong; ${seconds.toFixed(1)} s, ${((1000 * seconds) / count).toFixed(1)} ms each\n`,
);
process.exitCode = failures > 0 ? 1 : 0;
