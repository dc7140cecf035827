import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { LabHost } from '../../support/lab-host.ts';
import { processMemory } from '../../support/process-memory.ts';

/** Linux counts processor time in hundredths of a second (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;
/** The kernel keeps the peak of each process: only what grows just before a process ends can be missed. */
const MEMORY_EVERY_MS = 50;

/** Seconds of processor time of `pid`, its threads, its living descendants and those it has waited for. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const each of withDescendants(pid)) {
    const stat = readStat(each);
    if (stat) ticks += stat.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Peak resident memory of `pid` and its living descendants, each for itself, in bytes: the largest. */
export function peakMemory(pid: number): number {
  let peak = 0;
  for (const each of withDescendants(pid)) {
    try {
      peak = Math.max(peak, processMemory(each, 'peak') || 0);
    } catch {
      // It ended while we looked.
    }
  }
  return peak;
}

/** Looks at the peak memory of processes, and of what comes and goes below them, until `stop` returns the largest. */
export function watchMemory(pids: readonly number[]): { stop(): number } {
  let peak = 0;
  const look = () => {
    for (const pid of pids) peak = Math.max(peak, peakMemory(pid));
  };
  const timer = setInterval(look, MEMORY_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

/** Bytes that left `host` on its first interface, headers included. */
export function bytesSent(host: LabHost): number {
  const output = execFileSync('ip', ['-n', host.namespace, '-j', '-s', 'link', 'show', 'eth0'], {
    encoding: 'utf8',
  });
  const [link] = JSON.parse(output) as [{ stats64: { tx: { bytes: number } } }];
  return link.stats64.tx.bytes;
}

/** The fields of /proc/PID/stat after the command's name; undefined when it has ended. */
function readStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function withDescendants(pid: number): number[] {
  const all = [pid];
  for (const each of all) all.push(...childrenOf(each));
  return all;
}

function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  } catch {
    return [];
  }
}
