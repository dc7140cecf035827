import * as fs from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { systemErrorCode } from '../core/errors.ts';
import { fileStat, OPEN_FLAGS } from '../core/node-file-system.ts';
import type { ReadFile, ReadOrder, ReadReport } from './block-reader-order.ts';

type FileOrder = ReadOrder['files'][number];

// Synchronous calls: this thread has nothing else to do, and each costs half of what it costs through the pool.
parentPort?.on('message', ({ files }: ReadOrder) => {
  const report: ReadReport = { files: files.map(attempt) };
  const buffers = report.files.flatMap((file) => (file instanceof Uint8Array ? [file.buffer] : []));
  parentPort?.postMessage(report, buffers);
});

function attempt(file: FileOrder): ReadFile {
  try {
    return read(file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: systemErrorCode(error), message };
  }
}

function read(file: FileOrder): ReadFile {
  const fd = fs.openSync(file.path, OPEN_FLAGS.read);
  try {
    const bytes = Buffer.allocUnsafeSlow(file.size);
    for (let filled = 0; filled < bytes.length;) {
      const count = fs.readSync(fd, bytes, filled, bytes.length - filled, filled);
      if (count === 0) return 'changed';
      filled += count;
    }
    // Looked at after reading: what was read before a change is good, what was read after it is not.
    const { type, size, mtimeUs } = fileStat(fs.fstatSync(fd, { bigint: true }));
    return type === 'file' && size === file.size && mtimeUs === file.mtimeUs ? bytes : 'changed';
  } finally {
    fs.closeSync(fd);
  }
}
