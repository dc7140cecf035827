import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentProcess } from '../../support/agent-process.ts';
import { arrived } from './arrival.ts';
import { bytesSent, cpuSeconds, peakMemory } from './costs.ts';
import type { Costs, Mover, Side } from './mover.ts';
import { makeEarlierFiles } from './workload.ts';

export interface AgentsOptions {
  /** Each agent writes its CPU profiles there. */
  readonly profiles?: string | undefined;
  /** The agents have moved other files before: agents run all day, and V8 compiles what they do in their first seconds. */
  readonly inUse: boolean;
}

/** Our agents, the receivers with a rule that takes everything. */
export function agents({ profiles, inUse }: AgentsOptions): Mover {
  return {
    name: 'compartidos',
    encrypted: true,
    can: () => true,
    async move({ source, receivers, isChange, scratch }, appear, expected): Promise<Costs> {
      const start = ({ host, folder }: Side, rules: string) =>
        AgentProcess.start({
          home: join(scratch, host.name),
          config: `name: ${host.name}\nfolder: ${folder}\nlanguage: en\nmin_free: 0\n${rules}\n`,
          host,
          nodeOptions: profiles ? ['--cpu-prof', `--cpu-prof-dir=${join(profiles, host.name)}`] : [],
        });
      const sender = await start(source, '');
      const takers: AgentProcess[] = [];
      for (const receiver of receivers) takers.push(await start(receiver, "rules: [{ match: '**' }]"));
      const all = [sender, ...takers];
      let files = isChange ? 1 : 0;
      const allReady = async () => {
        for (const agent of all) await ready(agent, { peers: receivers.length, files });
      };
      await allReady();
      if (inUse) {
        files += await appearEarlier(source.folder, scratch);
        await allReady();
      }
      // Whatever a face is told would be read by this process, on the same processors.
      for (const { api } of all) api.close();
      const cpu = () => all.reduce((sum, { process: { pid } }) => sum + cpuSeconds(pid), 0);
      const before = cpu();
      const sentBefore = bytesSent(source.host);
      await appear();
      const started = performance.now();
      const arriving = takers.map(({ process }, index) => ({ folder: receivers[index]!.folder, process }));
      await arrived(arriving, expected);
      const seconds = (performance.now() - started) / 1000;
      const costs: Costs = {
        seconds,
        cpu: cpu() - before,
        memory: Math.max(...all.map(({ process }) => peakMemory(process.pid))),
        sent: bytesSent(source.host) - sentBefore,
      };
      for (const agent of all.reverse()) await agent.stop();
      return costs;
    },
  };
}

/** Puts small files and large ones into `folder`, all at once. Returns how many. */
async function appearEarlier(folder: string, scratch: string): Promise<number> {
  const made = join(scratch, 'earlier');
  await mkdir(made);
  const count = await makeEarlierFiles(made);
  await rename(made, join(folder, 'earlier'));
  return count;
}

/**
 * Waits until the start-up scan is done, everybody is connected and has told what he has, and the rules have nothing
 * left to do, not even to agree on the version of what is the same here and there.
 */
async function ready(agent: AgentProcess, { peers, files }: { peers: number; files: number }): Promise<void> {
  const isReady = async () => {
    const status = await agent.api.status();
    if (!status.ready || status.peers !== peers || status.files !== files) return undefined;
    if ((await agent.api.peers()).some((peer) => peer.files !== files)) return undefined;
    return (await agent.api.testRules()).length === 0 || undefined;
  };
  await agent.until(isReady, 'the other agents and the start-up scan', 300_000);
}
