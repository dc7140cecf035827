import type { LabProcess } from '../../support/lab-process.ts';
import { polled } from '../../support/polling.ts';
import { bytesSent, cpuSeconds, watchMemory } from './costs.ts';
import type { Costs, Mover, Place, Side } from './mover.ts';
import type { Workload } from './workload.ts';

const POLL_MS = 20;
const MAX_POLLS = 1000;

/** A server at the source, and programs at the receivers that fetch from it. */
export interface Reference {
  readonly name: string;
  readonly encrypted: boolean;
  readonly programs: readonly string[];
  can(workload: Workload): boolean;
  /** Whether `serve` needs the payload in its place: then the clock starts when the server is ready. */
  readonly servesWhatIsThere?: boolean;
  /** Writes what the server needs and says how to start it; it is ready when it listens on `port`. */
  serve(place: Place): { readonly command: string; readonly args: readonly string[]; readonly port: number };
  /** The shell command that fetches `payload` into the receiver's folder. */
  fetch(place: Place, receiver: Side): string;
}

export function moverOf(reference: Reference): Mover {
  return {
    name: reference.name,
    encrypted: reference.encrypted,
    can: (workload) => reference.can(workload),
    async move(place, appear): Promise<Costs> {
      if (reference.servesWhatIsThere) await appear();
      const { source, receivers } = place;
      const { command, args, port } = reference.serve(place);
      // rsync takes a socket as its standard input for a caller's.
      const server = source.host.spawn('bash', ['-c', 'exec "$0" "$@" </dev/null', command, ...args]);
      await listening(place, port, server);
      const cpuBefore = cpuSeconds(server.pid);
      const sentBefore = bytesSent(source.host);
      if (!reference.servesWhatIsThere) await appear();
      const started = performance.now();
      // The shell's own `time` adds up what the fetching programs took; `sync -d` would do nothing in memory.
      const script = (receiver: Side) => `TIMEFORMAT='%U %S'; time { ${reference.fetch(place, receiver)}; }`;
      const clients = receivers.map((receiver) => receiver.host.spawn('bash', ['-c', script(receiver)]));
      const memory = watchMemory([server, ...clients].map(({ pid }) => pid));
      const codes = await Promise.all(clients.map(({ exited }) => exited));
      const seconds = (performance.now() - started) / 1000;
      const peak = memory.stop();
      const failed = clients[codes.findIndex((code) => code !== 0)];
      if (failed) throw new Error(`${reference.name} failed: ${failed.stderr}`);
      const costs: Costs = {
        seconds,
        cpu: clients.reduce((sum, client) => sum + timeOf(client), cpuSeconds(server.pid) - cpuBefore),
        memory: peak,
        sent: bytesSent(source.host) - sentBefore,
      };
      server.kill('SIGTERM');
      await server.exited;
      return costs;
    },
  };
}

/** Seconds of processor time that `time` told of. */
function timeOf({ stderr }: LabProcess): number {
  const [user = 0, system = 0] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return user + system;
}

async function listening({ source, receivers }: Place, port: number, server: LabProcess): Promise<void> {
  const answers = async () => {
    const probe = receivers[0]!.host.spawn('bash', ['-c', `exec 3<>/dev/tcp/${source.host.address}/${port}`]);
    return (await probe.exited) === 0;
  };
  const isOver = await polled(POLL_MS, async () => server.ended || (await answers()), MAX_POLLS);
  if (isOver && !server.ended) return;
  const output = server.lines.map(({ text }) => text).join('\n');
  throw new Error(`nobody listens on port ${port}: ${output}${server.stderr}`);
}
