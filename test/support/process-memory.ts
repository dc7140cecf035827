import { readFileSync } from 'node:fs';

/** Memory of a process in bytes: resident now, or at its peak. Throws when it has ended. */
export function processMemory(pid: number, which: 'resident' | 'peak'): number {
  const line = which === 'peak' ? /VmHWM:\s+(\d+) kB/ : /VmRSS:\s+(\d+) kB/;
  return Number(line.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
}
