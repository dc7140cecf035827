import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Lab } from '../support/lab.ts';
import { changeGates } from './discovery/changes.ts';
import { coexistenceGates } from './discovery/coexistence.ts';
import { findingGates } from './discovery/finding.ts';
import type { Gate, Measured } from './discovery/gate.ts';
import { loadGates } from './discovery/load.ts';
import { startStandIn, startWholeAgents } from './discovery/start-agent.ts';

/**
 * Measures what is promised of discovery, on networks of namespaces, and ends with exit code 1 when a promise is
 * broken. `npm run bench:discovery -- --help` lists the options.
 */
const GATES: readonly Gate[] = [...findingGates, ...changeGates, ...coexistenceGates, ...loadGates];
const HELP = `
  --agents whole|stand-in   whole agents (default), or the stand-in that only finds and connects
  --only ID,ID              of: ${GATES.map(({ id }) => id).join(' ')}
`;

const { values: options } = parseArgs({
  options: {
    agents: { type: 'string', default: 'whole' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

function passes({ limit, atLeast }: Gate, { value }: Measured): boolean {
  return atLeast === true ? value >= limit : value <= limit;
}

function line(gate: Gate, measured: Measured): string {
  const value = gate.unit === 'ms' ? Math.round(measured.value) : Math.round(measured.value * 100) / 100;
  const limit = `${gate.atLeast === true ? '>=' : '<='} ${gate.limit} ${gate.unit}`;
  const verdict = passes(gate, measured) ? 'ok    ' : 'BROKEN';
  return `${verdict} ${`${value} ${gate.unit}`.padEnd(15)} (${limit})  ${gate.title}: ${measured.note ?? ''}`;
}

async function measureAll(root: string): Promise<boolean> {
  const wanted = options.only.split(',').filter(Boolean);
  const whole = options.agents === 'whole';
  console.log(`discovery, measured with ${whole ? 'whole agents' : 'the stand-in'}`);
  let kept = true;
  for (const gate of GATES) {
    if (wanted.length > 0 && !wanted.includes(gate.id)) continue;
    const start = whole ? startWholeAgents(join(root, gate.id)) : startStandIn;
    try {
      const measured = await gate.measure(start);
      if (typeof measured === 'string') {
        console.log(`left out: ${gate.title}: ${measured}`);
        continue;
      }
      kept &&= passes(gate, measured);
      console.log(line(gate, measured));
    } catch (error) {
      kept = false;
      console.log(
        `BROKEN ${gate.title}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
      );
    }
  }
  return kept;
}

const reason = Lab.available();
if (options.help) {
  console.log(HELP);
} else if (reason !== undefined) {
  console.log(`left out: ${reason}`);
} else if (options.agents === 'whole' && !existsSync(new URL('../../src/main.js', import.meta.url))) {
  console.log('there is no program to measure; --agents stand-in measures without it');
  process.exitCode = 1;
} else {
  const root = mkdtempSync(join(tmpdir(), 'bench-discovery-'));
  process.exitCode = (await measureAll(root)) ? 0 : 1;
  rmSync(root, { recursive: true, force: true });
}
