import { rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Lab } from '../support/lab.ts';
import { agents } from './compare/agents.ts';
import type { Costs } from './compare/mover.ts';
import { measure } from './compare/place.ts';
import { printProfiles } from './compare/profile.ts';
import { references } from './compare/references.ts';
import { WORKLOADS } from './compare/workload.ts';

/**
 * Puts agents beside the tools that people use: the same work, interleaved, on namespaces joined by veth, with data
 * in memory. `npm run bench -- --help` lists the options.
 */
const { values: options } = parseArgs({
  options: {
    repeats: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    tools: { type: 'string', default: '' },
    json: { type: 'string', default: '' },
    'in-use': { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** A folder of CPU profiles for each side of the last measurement of ours. */
const PROFILES = join(process.cwd(), '.build', 'profiles');

type Result = { work: string; tool: string; encrypted: boolean; runs: Costs[] };

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function print(results: readonly Result[]): void {
  const ours = results.find((result) => result.tool === 'compartidos');
  console.log(`\n${results[0]?.work}`);
  console.log('  tool                  median s  ours/its   cpu s   peak MiB  sent MiB');
  for (const result of results) {
    const of = (figure: keyof Costs): number => median(result.runs.map((run) => run[figure]));
    const ratio = ours ? median(ours.runs.map((run) => run.seconds)) / of('seconds') : Number.NaN;
    const mib = (figure: 'memory' | 'sent'): string => (of(figure) / 1024 / 1024).toFixed(1).padStart(9);
    console.log(
      `  ${result.tool.padEnd(20)} ${of('seconds').toFixed(3).padStart(9)} ${ratio.toFixed(2).padStart(9)} ` +
        `${of('cpu').toFixed(2).padStart(7)} ${mib('memory')} ${mib('sent')}`,
    );
  }
}

async function main(): Promise<void> {
  if (options.help) {
    console.log(
      '--repeats N  --only TEXT (works)  --tools TEXT,…  --json FILE  --in-use (ours have moved other files before)  ' +
        '--profile (where the time of ours goes)',
    );
    return;
  }
  const impossible = Lab.available();
  if (impossible !== undefined) {
    console.log(`not measured: ${impossible}`);
    return;
  }
  const { movers, missing } = references();
  if (missing.length > 0) console.log(`left out, not installed: ${missing.join('; ')}`);
  const wanted = options.tools.split(',').filter(Boolean);
  const ours = agents({ profiles: options.profile ? PROFILES : undefined, inUse: options['in-use'] });
  const chosen = [ours, ...movers].filter(
    ({ name }) => wanted.length === 0 || wanted.some((text) => name.includes(text)),
  );
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${options.repeats} repeats, interleaved`,
  );
  const results: Result[] = [];
  for (const workload of WORKLOADS.filter(({ name }) => name.includes(options.only))) {
    const able = chosen.filter((mover) => mover.can(workload));
    const rows = able.map((mover): Result => {
      return { work: workload.name, tool: mover.name, encrypted: mover.encrypted, runs: [] };
    });
    for (let repeat = 0; repeat < Number(options.repeats); repeat += 1) {
      // Not always in one order: who comes after a tool may feel what it has left.
      const order = [...able.entries()];
      for (const [at, mover] of repeat % 2 === 0 ? order : order.reverse()) {
        if (mover === ours) await rm(PROFILES, { recursive: true, force: true });
        rows[at]!.runs.push(await measure(mover, workload));
      }
    }
    print(rows);
    if (options.profile) printProfiles(PROFILES);
    results.push(...rows);
    if (options.json !== '') await writeFile(options.json, JSON.stringify(results, undefined, 2));
  }
}

await main();
