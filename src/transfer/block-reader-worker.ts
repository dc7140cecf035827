import * as fs from 'node:fs';
import { fileStat } from '../core/file-facts.ts';
import { OPEN_FLAGS } from '../core/open-flags.ts';
import { passError } from '../core/passed-error.ts';
import { runsOf } from '../core/runs.ts';
import { report, takeOrders } from '../core/thread-orders.ts';
import { isFileOf } from '../index/held-time.ts';
import type { ReadOrder, ReadReport, ReadResult } from './block-reader-order.ts';

type PartOrder = ReadOrder['parts'][number];

// Synchronous calls: this thread has nothing else to do, and each costs half of what it costs through the pool.
takeOrders(({ buffer, parts }: ReadOrder) => {
  const results: ReadResult[] = [];
  for (const some of runsOf(parts, (before, part) => before.path === part.path)) {
    results.push(...readFrom(buffer, some));
  }
  report<ReadReport>({ buffer, parts: results }, [buffer]);
});

/** Parts of one file. */
function readFrom(buffer: ArrayBuffer, parts: readonly PartOrder[]): ReadResult[] {
  try {
    const fd = fs.openSync(parts[0]!.path, OPEN_FLAGS.read);
    try {
      const filled = parts.map(({ at, length, offset }) =>
        fill(fd, new Uint8Array(buffer, at, length), offset),
      );
      // Looked at after reading: what was read before a change is good, what was read after it is not.
      const stat = fileStat(fs.fstatSync(fd, { bigint: true }));
      return parts.map((part, index) => (filled[index] && isFileOf(part, stat) ? 'read' : 'changed'));
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    const failure = passError(error);
    return parts.map(() => failure);
  }
}

/** Whether there were so many bytes. */
function fill(fd: number, bytes: Uint8Array, offset: number): boolean {
  for (let filled = 0; filled < bytes.length;) {
    const count = fs.readSync(fd, bytes, filled, bytes.length - filled, offset + filled);
    if (count === 0) return false;
    filled += count;
  }
  return true;
}
