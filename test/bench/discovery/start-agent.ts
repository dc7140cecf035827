import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DiscoveryAgent } from '../../support/discovery-agent.ts';
import { WatchedAgent } from '../../support/watched-agent.ts';
import type { StartAgent } from './gate.ts';

const PROGRAM = new URL('../../../src/main.js', import.meta.url).pathname;

/** Starts the stand-in, which finds peers and shakes hands in the clear. */
export const startStandIn: StartAgent = (host, name) =>
  DiscoveryAgent.start(host, name === undefined ? {} : { name });

/** Starts whole agents, each with a folder of its own in `root`; one of the same name finds its former state. */
export function startWholeAgents(root: string): StartAgent {
  return async (host, name = host.name) => {
    const home = join(root, name);
    mkdirSync(home, { recursive: true });
    const config = join(home, 'config.yaml');
    writeFileSync(config, `name: ${name}\nlanguage: en\n`);
    const log = join(home, '.compartidos', 'log', 'agent.log');
    mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
    appendFileSync(log, '');
    const child = host.spawn(process.execPath, [PROGRAM, 'start', '--no-prompt', '--config', config], {
      cwd: home,
    });
    const follow = ['-n', '0', '-F', '--sleep-interval=0.05', `--pid=${child.pid}`, log];
    const agent = new WatchedAgent(name, child, host.spawn('tail', follow));
    await agent.event('agent.started');
    return agent;
  };
}
