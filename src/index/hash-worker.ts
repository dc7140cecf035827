import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { blake3 } from '../core/blake3.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { FileStat } from '../core/file-system.ts';
import { fileStat } from '../core/file-facts.ts';
import { OPEN_FLAGS } from '../core/open-flags.ts';
import { report, takeOrders } from '../core/thread-orders.ts';
import { blockCount, blockRange, HASH_BYTES } from '../model/block-layout.ts';
import {
  isSameFile,
  ProgressPace,
  type DigestOutcome,
  type HashOutcome,
  type Unread,
} from './file-hasher.ts';
import type { HashJob, HashOrder, HashReport } from './hash-job.ts';

/** ms: results wait at most about this long for others to go with them, and progress is told at most this often. */
const REPORT_INTERVAL = 20;
const PROGRESS_INTERVAL = 50;
/** Nobody can begin before the first is told. */
const FIRST_PROGRESS = 15;

let buffer = new Uint8Array(1024 * 1024);

takeOrders(({ jobs }: HashOrder) => {
  let results: { id: number; outcome: HashOutcome | DigestOutcome }[] = [];
  let reported = performance.now();
  for (const job of jobs) {
    results.push({ id: job.id, outcome: outcomeOf(job) });
    if (performance.now() - reported < REPORT_INTERVAL) continue;
    report<HashReport>({ type: 'done', results });
    results = [];
    reported = performance.now();
  }
  if (results.length > 0) report<HashReport>({ type: 'done', results });
});

// Synchronous calls: this thread has nothing else to do, and they take no turn in the pool that the agent's own use.
function outcomeOf(job: HashJob): HashOutcome | DigestOutcome {
  let fd: number | undefined;
  try {
    fd = openSync(job.path, OPEN_FLAGS.read);
    const before = fileStat(fstatSync(fd, { bigint: true }));
    if (before.type !== 'file') return { type: 'changed' };
    const outcome = job.kind === 'blocks' ? hashBlocks(fd, before, job.id) : digestFile(fd, before);
    return isSameFile(before, fileStat(fstatSync(fd, { bigint: true }))) ? outcome : { type: 'changed' };
  } catch (error) {
    return { type: 'failed', code: systemErrorCode(error) ?? 'INTERNAL' };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function hashBlocks(fd: number, stat: FileStat, id: number): HashOutcome {
  const count = blockCount(stat.size);
  const blocks = new Uint8Array(count * HASH_BYTES);
  const pace = new ProgressPace();
  let told = performance.now() + FIRST_PROGRESS - PROGRESS_INTERVAL;
  for (let index = 0; index < count; index += 1) {
    const block = readBlock(fd, stat.size, index);
    if (!block) return { type: 'changed' };
    blocks.set(blake3(block), index * HASH_BYTES);
    const known = index + 1;
    if (known < count && performance.now() - told >= PROGRESS_INTERVAL && pace.isWorthTelling(known)) {
      report<HashReport>({
        type: 'progress',
        id,
        progress: { stat, blocks: blocks.slice(0, known * HASH_BYTES) },
      });
      told = performance.now();
    }
  }
  return { type: 'hashed', stat, blocks, hash: blake3(blocks) };
}

function digestFile(fd: number, stat: FileStat): DigestOutcome | Unread {
  const digest = createHash('sha256');
  for (let index = 0; index < blockCount(stat.size); index += 1) {
    const block = readBlock(fd, stat.size, index);
    if (!block) return { type: 'changed' };
    digest.update(block);
  }
  return { type: 'digested', stat, digest: new Uint8Array(digest.digest()) };
}

/** Undefined when the file is shorter than it was. */
function readBlock(fd: number, size: number, index: number): Uint8Array | undefined {
  const { offset, length } = blockRange(size, index);
  if (buffer.length < length) buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, offset + filled);
    if (count === 0) return undefined;
    filled += count;
  }
  return buffer.subarray(0, length);
}
