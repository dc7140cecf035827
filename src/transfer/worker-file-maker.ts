import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import PQueue from 'p-queue';
import { blockBuffers } from '../core/buffer-pool.ts';
import type { Clock } from '../core/clock.ts';
import { toError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import { OrderWorker } from '../core/order-worker.ts';
import { receiveError } from '../core/passed-error.ts';
import { flushNames, PlainFileMaker } from './file-maker.ts';
import type { FileMaker, NewFile } from './file-maker.ts';
import type { MadeFile, MakeOrder, MakeReport } from './file-maker-order.ts';

const SCRIPT = new URL('./file-maker-worker.js', import.meta.url);
/** Files that are made right here: for so few a worker is not worth waking. */
const FEW = 8;
/** Files in one order to a worker, and their bytes unless a single file has more. */
const ORDER_FILES = 64;
const ORDER_BYTES = 4 * 1024 * 1024;
/** More would only wait for the same disk. */
const MAX_WORKERS = 4;

const ENDED: MadeFile = { staged: false, code: undefined, message: 'the thread that writes files has ended' };

/**
 * Makes files in worker threads: an agent that receives thousands of them has better things to do than wait for each.
 */
export class WorkerFileMaker implements FileMaker, Startable {
  readonly #fileSystem: FileSystem;
  readonly #plain: FileMaker;
  readonly #workers: readonly OrderWorker<MakeOrder, MakeReport>[];
  /** As many orders at a time as there are workers. */
  readonly #queue: PQueue;
  #isStopped = false;

  constructor(fileSystem: FileSystem, clock: Clock, cores: number = availableParallelism()) {
    this.#fileSystem = fileSystem;
    this.#plain = new PlainFileMaker(fileSystem);
    const count = Math.min(MAX_WORKERS, Math.max(1, cores));
    this.#workers = Array.from({ length: count }, () => new OrderWorker(SCRIPT, clock));
    this.#queue = new PQueue({ concurrency: count });
  }

  async start(): Promise<void> {
    this.#isStopped = false;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  async make(files: readonly NewFile[], durable: boolean): Promise<readonly (Error | undefined)[]> {
    if (files.length <= FEW) return this.#plain.make(files, durable);
    const orders: Promise<readonly (Error | undefined)[]>[] = [];
    for (let at = 0; at < files.length;) {
      const some = takeSome(files, at);
      orders.push(this.#makeSome(some, durable));
      at += some.length;
    }
    return (await Promise.all(orders)).flat();
  }

  async #makeSome(files: readonly NewFile[], durable: boolean): Promise<(Error | undefined)[]> {
    const report = await this.#queue.add(() => this.#order(files, durable));
    if (report?.files.every((file) => file === 'made')) return files.map(() => undefined);
    const outcomes = await Promise.all(
      files.map((file, index) => this.#settle(file, report?.files[index] ?? ENDED)),
    );
    return durable ? flushNames(this.#fileSystem, files, outcomes) : outcomes;
  }

  async #order(files: readonly NewFile[], durable: boolean): Promise<MakeReport | undefined> {
    const worker = this.#workers.find(({ isBusy }) => !isBusy);
    if (!worker || this.#isStopped) return undefined;
    const buffer = joined(files);
    const orders = files.map(({ temporary, path, bytes, mtimeUs, executable }) => {
      return { temporary, path, length: bytes.length, mtimeUs, executable };
    });
    const report = await worker.carryOut({ durable, buffer, files: orders }, [buffer]);
    // What the system tells of these files is heard in the next turn at the latest: after that they are no longer held, and
    // would be looked at.
    await setImmediate();
    await setImmediate();
    if (report) {
      blockBuffers.readmit(report.buffer, 1);
      blockBuffers.give(report);
    }
    return report;
  }

  /** A file that is whole but could not be linked gets its name by the other means that the file system knows. */
  async #settle({ temporary, path }: NewFile, result: MadeFile): Promise<Error | undefined> {
    if (result === 'made') return undefined;
    if (!result.staged || result.code === 'EEXIST') return receiveError(result);
    try {
      await this.#fileSystem.renameNew(temporary, path);
      return undefined;
    } catch (error) {
      return toError(error);
    }
  }
}

/** Their bytes, one after the other. */
function joined(files: readonly NewFile[]): ArrayBuffer {
  const all = blockBuffers.take(files.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of files) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all.buffer as ArrayBuffer;
}

/** What goes into one order, from `at` on. */
function takeSome(files: readonly NewFile[], at: number): readonly NewFile[] {
  let end = at;
  for (let bytes = 0; end < files.length && end < at + ORDER_FILES; end += 1) {
    bytes += files[end]!.bytes.length;
    if (bytes > ORDER_BYTES && end > at) break;
  }
  return files.slice(at, end);
}
