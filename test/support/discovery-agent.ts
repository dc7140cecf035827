import { deviceNamed } from './entries.ts';
import type { LabHost } from './lab-host.ts';
import { WatchedAgent } from './watched-agent.ts';

const FIXTURE = new URL('../fixtures/discovery-node.js', import.meta.url).pathname;

export interface DiscoveryAgentOptions {
  /** The host's by default; it decides the device id. */
  readonly name?: string;
  readonly port?: number;
  readonly mdns?: boolean;
  readonly peers?: readonly { host: string; port: number }[];
}

/** A peer in a lab that does nothing but find others: `fixtures/discovery-node.ts` in a process on a host. */
export class DiscoveryAgent extends WatchedAgent {
  readonly device: string = deviceNamed(this.name);

  /** Starts it; resolves when it is ready. */
  static async start(host: LabHost, options: DiscoveryAgentOptions = {}): Promise<DiscoveryAgent> {
    const name = options.name ?? host.name;
    const argument = JSON.stringify({ ...options, name });
    const agent = new DiscoveryAgent(name, host.spawn(process.execPath, ['--expose-gc', FIXTURE, argument]));
    await agent.event('agent.started');
    return agent;
  }

  /** Bytes of heap in use after a garbage collection. */
  async heapUsed(): Promise<number> {
    const from = this.mark;
    this.process.write('memory\n');
    const { text } = await this.event('memory', { from });
    return (JSON.parse(text) as { heapUsed: number }).heapUsed;
  }
}
