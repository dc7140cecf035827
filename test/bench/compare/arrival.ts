import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { LabProcess } from '../../support/lab-process.ts';
import type { Expected } from './workload.ts';

const POLL_MS = 5;

/** Resolves when all that is expected is in `folder`; rejects when `receiver` ends before. */
export async function arrived(
  folder: string,
  expected: readonly Expected[],
  receiver: LabProcess,
): Promise<void> {
  const missing = [...expected];
  for (;;) {
    while (missing.length > 0 && isThere(folder, missing.at(-1)!)) missing.pop();
    if (missing.length === 0) return;
    if (receiver.ended) throw new Error(`the receiving side ended: ${receiver.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function isThere(folder: string, { path, size, mtimeMs }: Expected): boolean {
  const stat = lstatSync(join(folder, path), { throwIfNoEntry: false });
  return stat !== undefined && stat.size === size && Math.floor(stat.mtimeMs) === mtimeMs;
}
