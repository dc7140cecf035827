import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from '../core/errors.ts';
import { isNoDirectorySync, isNothingThere, isUnsupported } from '../core/file-system.ts';
import { fileStat } from '../core/file-facts.ts';
import { OPEN_FLAGS } from '../core/open-flags.ts';
import { passError } from '../core/passed-error.ts';
import { report, takeOrders } from '../core/thread-orders.ts';
import type { MadeFile, MakeOrder, MakeReport } from './file-maker-order.ts';

type FileOrder = MakeOrder['files'][number];

const NEW_FILE_MODE = 0o666;

// Synchronous calls: this thread has nothing else to do, and each costs half of what it costs through the pool.
takeOrders((order: MakeOrder) => {
  report<MakeReport>({ buffer: order.buffer, files: makeAll(order) }, [order.buffer]);
});

function makeAll({ files, buffer, durable }: MakeOrder): MadeFile[] {
  let start = 0;
  // All are written before the first is flushed: the disk then finds more to do at a time.
  const written = files.map((file) => {
    const body = new Uint8Array(buffer, start, file.length);
    start += file.length;
    return attempt(false, () => write(file, body));
  });
  const made = files.map((file, index) => {
    const fd = written[index]!;
    if (typeof fd !== 'number') return fd;
    return finish(file, fd, durable);
  });
  return durable ? flushNames(files, made) : made;
}

/** Makes the names of those that are made durable, too. */
function flushNames(files: readonly FileOrder[], made: readonly MadeFile[]): MadeFile[] {
  const flushed = new Map<string, MadeFile>();
  return made.map((file, index) => {
    if (file !== 'made') return file;
    const folder = dirname(files[index]!.path);
    const known = flushed.get(folder) ?? attempt(false, () => flushFolder(folder));
    flushed.set(folder, known);
    return known;
  });
}

/** As NodeFileSystem.syncDirectory. Where somebody has removed it since, the names have gone with it. */
function flushFolder(path: string): 'made' {
  try {
    const fd = fs.openSync(path, fs.constants.O_RDONLY);
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    if (!isNoDirectorySync(error) && !isNothingThere(error)) throw error;
  }
  return 'made';
}

function write(file: FileOrder, body: Uint8Array): number {
  const fd = create(file.temporary);
  try {
    for (let at = 0; at < body.length;) at += fs.writeSync(fd, body, at, body.length - at, at);
    setModified(fd, file.mtimeUs);
    if (file.executable && process.platform !== 'win32') setExecutable(fd);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

function create(path: string): number {
  try {
    return fs.openSync(path, OPEN_FLAGS.create, NEW_FILE_MODE);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    fs.unlinkSync(path);
    return fs.openSync(path, OPEN_FLAGS.create, NEW_FILE_MODE);
  }
}

/** As NodeFileSystem.setModified: half a µs more than the double holds, and once more where libuv rounds up. */
function setModified(fd: number, mtimeUs: number): void {
  const set = (seconds: number) => fs.futimesSync(fd, String(seconds), String(seconds));
  set((mtimeUs + 0.5) / 1e6);
  if (mtimeUs < 0 && fileStat(fs.fstatSync(fd, { bigint: true })).mtimeUs !== mtimeUs) {
    set((mtimeUs - 0.5) / 1e6);
  }
}

/** As in `staging`: some disks have no modes. */
function setExecutable(fd: number): void {
  const { mode } = fs.fstatSync(fd);
  try {
    fs.fchmodSync(fd, (mode | ((mode & 0o444) >> 2)) & 0o7777);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

function finish(file: FileOrder, fd: number, durable: boolean): MadeFile {
  const flushed = attempt(false, () => {
    try {
      if (durable) fs.fdatasyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    return 'flushed' as const;
  });
  if (flushed !== 'flushed') return flushed;
  const linked = attempt(true, () => {
    fs.linkSync(file.temporary, file.path);
    return 'made' as const;
  });
  if (linked === 'made') attempt(true, () => fs.unlinkSync(file.temporary));
  return linked;
}

function attempt<Result>(staged: boolean, run: () => Result): Result | Exclude<MadeFile, 'made'> {
  try {
    return run();
  } catch (error) {
    return { staged, ...passError(error) };
  }
}
