import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from '../../support/lab-host.ts';
import type { LabProcess } from '../../support/lab-process.ts';
import { bytesSent, cpuSeconds, peakMemory } from './costs.ts';
import type { Costs, Mover } from './mover.ts';
import type { Expected } from './workload.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'src', 'main.js');
const POLL_MS = 5;

/** Two of our agents, the receiver with a rule that takes everything. */
export function agents(nodeOptions: readonly string[] = []): Mover {
  return {
    name: 'compartidos',
    encrypted: true,
    can: () => true,
    async move(place, appear, expected): Promise<Costs> {
      const { folders, source, receiver } = place;
      const sender = startAgent(source, 'source', folders.source, '', folders.scratch, nodeOptions);
      const taker = startAgent(
        receiver,
        'receiver',
        folders.receiver,
        "rules: [{ match: '**' }]",
        folders.scratch,
        nodeOptions,
      );
      await Promise.all([sender, taker].map((agent) => ready(agent)));
      const before = cpuSeconds(sender.pid) + cpuSeconds(taker.pid);
      const sentBefore = bytesSent(source);
      await appear();
      const started = performance.now();
      await arrived(folders.receiver, expected, taker);
      const seconds = (performance.now() - started) / 1000;
      const costs: Costs = {
        seconds,
        cpu: cpuSeconds(sender.pid) + cpuSeconds(taker.pid) - before,
        memory: Math.max(peakMemory(sender.pid), peakMemory(taker.pid)),
        sent: bytesSent(source) - sentBefore,
      };
      for (const agent of [taker, sender]) {
        agent.kill('SIGTERM');
        await agent.exited;
      }
      return costs;
    },
  };
}

function startAgent(
  host: LabHost,
  name: string,
  folder: string,
  rules: string,
  scratch: string,
  nodeOptions: readonly string[],
): LabProcess {
  const home = join(scratch, name);
  mkdirSync(home, { recursive: true });
  const config = join(home, 'config.yaml');
  writeFileSync(config, `name: ${name}\nfolder: ${folder}\nlanguage: en\nmin_free: 0\n${rules}\n`);
  return host.spawn(process.execPath, [...nodeOptions, PROGRAM, 'start', '--no-prompt', '--config', config], {
    cwd: home,
    env: { COMPARTIDOS_CONSOLE: 'json' },
  });
}

/** Waits until the start-up scan is done and the other is connected. */
async function ready(agent: LabProcess): Promise<void> {
  const within = { timeoutMs: 300_000 };
  await agent.line((text) => text.includes('peer.connected'), { ...within, what: 'the other agent' });
  await agent.line((text) => text.includes('agent.ready'), { ...within, what: 'the start-up scan' });
}

async function arrived(folder: string, expected: readonly Expected[], agent: LabProcess): Promise<void> {
  const missing = [...expected];
  for (;;) {
    while (missing.length > 0 && isThere(folder, missing.at(-1)!)) missing.pop();
    if (missing.length === 0) return;
    if (agent.ended) throw new Error(`the receiving agent ended: ${agent.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function isThere(folder: string, { path, size, mtimeMs }: Expected): boolean {
  const stat = lstatSync(join(folder, path), { throwIfNoEntry: false });
  return stat !== undefined && stat.size === size && Math.floor(stat.mtimeMs) === mtimeMs;
}
