import { lstatSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { FileStat } from './file-system.ts';
import type { LookOrder, LookReport } from './look-order.ts';
import { fileStat } from './file-facts.ts';
import { passError, type PassedError } from './passed-error.ts';

// Synchronous calls: this thread has nothing else to do.
parentPort?.on('message', ({ paths }: LookOrder) => {
  const report: LookReport = { found: paths.map(lookAt) };
  parentPort?.postMessage(report);
});

function lookAt(path: string): FileStat | PassedError {
  try {
    return fileStat(lstatSync(path, { bigint: true }));
  } catch (error) {
    return passError(error);
  }
}
