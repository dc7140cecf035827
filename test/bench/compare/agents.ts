import { join } from 'node:path';
import { AgentProcess } from '../../support/agent-process.ts';
import type { LabHost } from '../../support/lab-host.ts';
import { arrived } from './arrival.ts';
import { bytesSent, cpuSeconds, peakMemory } from './costs.ts';
import type { Costs, Mover } from './mover.ts';

/** Two of our agents, the receiver with a rule that takes everything. */
export function agents(nodeOptions: readonly string[] = []): Mover {
  return {
    name: 'compartidos',
    encrypted: true,
    can: () => true,
    async move(place, appear, expected): Promise<Costs> {
      const { folders, source, receiver } = place;
      const start = (host: LabHost, name: string, folder: string, rules: string) =>
        AgentProcess.start({
          home: join(folders.scratch, name),
          config: `name: ${name}\nfolder: ${folder}\nlanguage: en\nmin_free: 0\n${rules}\n`,
          host,
          nodeOptions,
        });
      const sender = await start(source, 'source', folders.source, '');
      const taker = await start(receiver, 'receiver', folders.receiver, "rules: [{ match: '**' }]");
      for (const agent of [sender, taker]) await ready(agent);
      const before = cpuOf(sender, taker);
      const sentBefore = bytesSent(source);
      await appear();
      const started = performance.now();
      await arrived(folders.receiver, expected, taker.process);
      const seconds = (performance.now() - started) / 1000;
      const costs: Costs = {
        seconds,
        cpu: cpuOf(sender, taker) - before,
        memory: Math.max(peakMemory(sender.process.pid), peakMemory(taker.process.pid)),
        sent: bytesSent(source) - sentBefore,
      };
      for (const agent of [taker, sender]) await agent.stop();
      return costs;
    },
  };
}

function cpuOf(...agents: readonly AgentProcess[]): number {
  return agents.reduce((sum, { process: { pid } }) => sum + cpuSeconds(pid), 0);
}

/** Waits until the start-up scan is done and the other is connected and has told what it has. */
async function ready(agent: AgentProcess): Promise<void> {
  const isReady = async () => {
    const status = await agent.api.status();
    return (status.ready && status.peers === 1) || undefined;
  };
  await agent.until(isReady, 'the other agent and the start-up scan', 300_000);
}
