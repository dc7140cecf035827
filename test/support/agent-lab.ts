import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { AgentProcess } from './agent-process.ts';
import type { LabHost } from './lab-host.ts';
import type { LabProcess } from './lab-process.ts';
import { Lab } from './lab.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Real agents, each on a host of its own of one lab. */
export class AgentLab {
  /** Holds a folder for each agent; removed after the test. */
  readonly folder: string;
  readonly #lab: Lab;
  readonly #agents = new Set<AgentProcess>();

  private constructor(folder: string, lab: Lab) {
    this.folder = folder;
    this.#lab = lab;
  }

  /** A lab with these hosts; it is taken down after the test, and what runs in it. */
  static async create(t: ExecutionContext, hosts: readonly string[]): Promise<AgentLab> {
    const folder = await temporaryFolder(t);
    const lab = new AgentLab(folder, await Lab.create({ hosts }));
    t.teardown(async () => {
      await Promise.all([...lab.#agents].map((agent) => agent.stop()));
      await lab.#lab.destroy();
    });
    return lab;
  }

  host(name: string): LabHost {
    return this.#lab.host(name);
  }

  /** Where the agent of host `name` has its config, its state and the shared folder. */
  home(name: string): string {
    return join(this.folder, name);
  }

  /** Starts the agent of a host; after another has ended there, it takes up what that has left. */
  async start(name: string, config = ''): Promise<AgentProcess> {
    const agent = await AgentProcess.start(this.#options(name, config));
    this.#agents.add(agent);
    return agent;
  }

  /** The same without waiting for anything. */
  launch(name: string, config = ''): Promise<LabProcess> {
    return AgentProcess.launch(this.#options(name, config));
  }

  #options(name: string, config: string) {
    return { home: this.home(name), config: `name: ${name}\n${config}`, host: this.host(name) };
  }
}
