import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
    const child = host.spawn(process.execPath, [PROGRAM, 'start', '--no-prompt', '--config', config], {
      cwd: home,
      env: { COMPARTIDOS_CONSOLE: 'json' },
    });
    const agent = new WatchedAgent(name, child);
    await agent.event('agent.ready');
    return agent;
  };
}
