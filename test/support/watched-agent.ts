import type { LabProcess, TimedLine } from './lab-process.ts';
import { processMemory } from './process-memory.ts';

/** An event that an agent logs, as a JSON line. */
interface LoggedEvent {
  readonly event: string;
  readonly name?: string;
  readonly device?: string;
}

export interface EventFilter {
  /** The `name` in the event: a peer's display name. */
  readonly name?: string;
  readonly device?: string;
}

/** An agent in a process of its own, watched through what it logs. Agents of one lab have different names. */
export class WatchedAgent {
  readonly name: string;
  readonly process: LabProcess;
  /** The process whose standard output is the log: the agent's own, or one that follows the agent's log file. */
  readonly log: LabProcess;

  constructor(name: string, process: LabProcess, log = process) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** The number of lines so far: to be given as `from`. */
  get mark(): number {
    return this.log.lines.length;
  }

  /** Memory that is resident, in bytes. */
  get residentBytes(): number {
    return processMemory(this.process.pid, 'resident');
  }

  /** Waits for `event` among the lines from `from` on. */
  event(
    event: string,
    { from, timeoutMs = 60_000, ...filter }: EventFilter & { from?: number; timeoutMs?: number } = {},
  ): Promise<TimedLine> {
    const what = `${event} ${JSON.stringify(filter)} at ${this.name}`;
    return this.log.line((text) => isEvent(text, event, filter), {
      timeoutMs,
      what,
      ...(from !== undefined && { from }),
    });
  }

  /** A session with `other` has begun. */
  connected(other: WatchedAgent, from?: number): Promise<TimedLine> {
    return this.event('peer.connected', { name: other.name, ...(from !== undefined && { from }) });
  }

  /** The session with `other` has ended. */
  disconnected(other: WatchedAgent, from?: number): Promise<TimedLine> {
    return this.event('peer.disconnected', { name: other.name, ...(from !== undefined && { from }) });
  }

  /** How many lines of `event` there are from line `from` on. */
  count(event: string, { from = 0, ...filter }: EventFilter & { from?: number } = {}): number {
    return this.log.lines.slice(from).filter(({ text }) => isEvent(text, event, filter)).length;
  }

  /** Asks it to stop and waits until it has. */
  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await this.process.exited;
  }
}

function isEvent(text: string, event: string, { name, device }: EventFilter): boolean {
  if (!text.includes(event)) return false;
  try {
    const line = JSON.parse(text) as LoggedEvent;
    if (line.event !== event) return false;
    return (name === undefined || line.name === name) && (device === undefined || line.device === device);
  } catch {
    return false;
  }
}
