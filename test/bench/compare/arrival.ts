import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { LabProcess } from '../../support/lab-process.ts';
import { polled } from '../../support/polling.ts';
import type { Expected } from './workload.ts';

const POLL_MS = 5;

/** A folder that is filled by a process. */
export interface Arriving {
  readonly folder: string;
  readonly process: LabProcess;
}

/** Resolves when all that is expected is in every folder; rejects when one of the processes ends before. */
export async function arrived(receivers: readonly Arriving[], expected: readonly Expected[]): Promise<void> {
  for (const { folder, process } of receivers) {
    const missing = [...expected];
    await polled(POLL_MS, () => {
      while (missing.length > 0 && isThere(folder, missing.at(-1)!)) missing.pop();
      if (missing.length > 0 && process.ended) throw new Error(`the receiving side ended: ${process.stderr}`);
      return missing.length === 0;
    });
  }
}

function isThere(folder: string, { path, size, mtimeMs }: Expected): boolean {
  const stat = lstatSync(join(folder, path), { throwIfNoEntry: false });
  return stat !== undefined && stat.size === size && Math.floor(stat.mtimeMs) === mtimeMs;
}
