import type { LabHost } from './lab-host.ts';
import type { LabProcess, TimedLine } from './lab-process.ts';
import { deviceNamed } from './entries.ts';

/** What an agent does, as `DiscoveryAgent` watches it: a JSON line on standard output for each event. */
interface EventLine {
  readonly event: string;
  readonly device?: string;
  readonly heapUsed?: number;
}

const FIXTURE = new URL('../fixtures/discovery-node.js', import.meta.url).pathname;

/** A peer in a lab that does nothing but find others: `fixtures/discovery-node.ts` in a process on a host. */
export class DiscoveryAgent {
  readonly name: string;
  readonly device: string;
  readonly process: LabProcess;

  private constructor(name: string, device: string, process: LabProcess) {
    this.name = name;
    this.device = device;
    this.process = process;
  }

  /** Starts it; resolves when it is ready. `name` (the host's by default) decides its device. */
  static async start(
    host: LabHost,
    options: {
      name?: string;
      port?: number;
      mdns?: boolean;
      peers?: readonly { host: string; port: number }[];
    } = {},
  ): Promise<DiscoveryAgent> {
    const name = options.name ?? host.name;
    const argument = JSON.stringify({ ...options, name });
    const child = host.spawn(process.execPath, ['--expose-gc', FIXTURE, argument]);
    const agent = new DiscoveryAgent(name, deviceNamed(name), child);
    await agent.event('agent.ready');
    return agent;
  }

  /** The number of lines so far: to be given to `event` as `from`. */
  get mark(): number {
    return this.process.lines.length;
  }

  /** Waits for `event` (about `device`, when given) among the lines from `from` on. */
  event(
    event: string,
    { device, from, timeoutMs = 30_000 }: { device?: string; from?: number; timeoutMs?: number } = {},
  ): Promise<TimedLine> {
    const matches = (text: string): boolean => {
      const line = eventOf(text);
      return line?.event === event && (device === undefined || line.device === device);
    };
    const what = `${event} of ${device ?? 'any'} at ${this.name}`;
    return this.process.line(matches, { timeoutMs, what, ...(from !== undefined && { from }) });
  }

  connected(other: DiscoveryAgent, from?: number): Promise<TimedLine> {
    return this.event('peer.connected', { device: other.device, ...(from !== undefined && { from }) });
  }

  disconnected(other: DiscoveryAgent, from?: number): Promise<TimedLine> {
    return this.event('peer.disconnected', { device: other.device, ...(from !== undefined && { from }) });
  }

  /** How many lines of `event` (about `device`, when given) there are from line `from` on. */
  count(event: string, { device, from = 0 }: { device?: string; from?: number } = {}): number {
    return this.process.lines.slice(from).filter(({ text }) => {
      const line = eventOf(text);
      return line?.event === event && (device === undefined || line.device === device);
    }).length;
  }

  /** Bytes of heap in use after a garbage collection. */
  async heapUsed(): Promise<number> {
    const from = this.mark;
    this.process.write('memory\n');
    const { text } = await this.event('memory', { from });
    return eventOf(text)?.heapUsed ?? 0;
  }
}

function eventOf(text: string): EventLine | undefined {
  try {
    return JSON.parse(text) as EventLine;
  } catch {
    return undefined;
  }
}
