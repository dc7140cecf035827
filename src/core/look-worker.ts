import { lstatSync } from 'node:fs';
import type { FileStat } from './file-system.ts';
import type { LookOrder, LookReport } from './look-order.ts';
import { fileStat } from './file-facts.ts';
import { passError, type PassedError } from './passed-error.ts';
import { report, takeOrders } from './thread-orders.ts';

// Synchronous calls: this thread has nothing else to do.
takeOrders(({ paths }: LookOrder) => report<LookReport>({ found: paths.map(lookAt) }));

function lookAt(path: string): FileStat | PassedError {
  try {
    return fileStat(lstatSync(path, { bigint: true }));
  } catch (error) {
    return passError(error);
  }
}
