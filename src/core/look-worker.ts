import { lstatSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { systemErrorCode } from './errors.ts';
import type { FileStat } from './file-system.ts';
import type { LookFailure, LookOrder, LookReport } from './look-order.ts';
import { fileStat } from './node-file-system.ts';

// Synchronous calls: this thread has nothing else to do.
parentPort?.on('message', ({ paths }: LookOrder) => {
  const report: LookReport = { found: paths.map(lookAt) };
  parentPort?.postMessage(report);
});

function lookAt(path: string): FileStat | LookFailure {
  try {
    return fileStat(lstatSync(path, { bigint: true }));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: systemErrorCode(error), message };
  }
}
