import * as fs from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { systemErrorCode } from './errors.ts';
import type { Look, LookOrder, LookReport } from './look-order.ts';
import { fileStat } from './node-file-system.ts';

parentPort?.on('message', ({ paths, patience }: LookOrder) => {
  let slow = 0;
  const looks = paths.map((path) => {
    const since = performance.now();
    const look = lookAt(path);
    if (performance.now() - since > patience) slow += 1;
    return look;
  });
  const report: LookReport = { looks, slow };
  parentPort?.postMessage(report);
});

function lookAt(path: string): Look {
  try {
    return fileStat(fs.lstatSync(path, { bigint: true }));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: systemErrorCode(error), message };
  }
}
