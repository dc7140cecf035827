import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { LabHost } from '../../support/lab-host.ts';

/** Linux counts processor time in hundredths of a second (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

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
      const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${each}/status`, 'utf8'));
      peak = Math.max(peak, Number(line?.[1] ?? 0) * 1024);
    } catch {
      // It ended while we looked.
    }
  }
  return peak;
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
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(readStat(Number(name))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const all = [pid];
  for (const each of all) all.push(...(children.get(each) ?? []));
  return all;
}
