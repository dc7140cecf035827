import { availableParallelism } from 'node:os';
import { blockBuffers } from '../core/buffer-pool.ts';
import type { Clock } from '../core/clock.ts';
import { toError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import { receiveError } from '../core/passed-error.ts';
import { WorkerThread } from '../core/worker-thread.ts';
import { PlainFileMaker } from './file-maker.ts';
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

interface Pending {
  readonly order: MakeOrder;
  readonly resolve: (made: readonly MadeFile[]) => void;
}

interface Thread {
  readonly worker: WorkerThread<MakeOrder, MakeReport>;
  busy: Pending | undefined;
}

/**
 * Makes files in worker threads: an agent that receives thousands of them has better things to do than wait for each.
 */
export class WorkerFileMaker implements FileMaker, Startable {
  readonly #fileSystem: FileSystem;
  readonly #plain: FileMaker;
  readonly #threads: readonly Thread[];
  readonly #queue: Pending[] = [];
  #lastId = 0;

  constructor(fileSystem: FileSystem, clock: Clock, cores: number = availableParallelism()) {
    this.#fileSystem = fileSystem;
    this.#plain = new PlainFileMaker(fileSystem);
    const count = Math.min(MAX_WORKERS, Math.max(1, cores));
    this.#threads = Array.from({ length: count }, () => this.#newThread(clock));
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#queue.splice(0).forEach(giveUp);
    for (const thread of this.#threads) release(thread);
    await Promise.all(this.#threads.map(({ worker }) => worker.end()));
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
    const order = this.#orderFor(files, durable);
    const made = await new Promise<readonly MadeFile[]>((resolve) => {
      this.#queue.push({ order, resolve });
      this.#dispatch();
    });
    return Promise.all(made.map((result, index) => this.#settle(files[index]!, result)));
  }

  #orderFor(files: readonly NewFile[], durable: boolean): MakeOrder {
    this.#lastId += 1;
    const all = blockBuffers.take(files.reduce((sum, { bytes }) => sum + bytes.length, 0));
    let at = 0;
    const orders = files.map(({ temporary, path, bytes, mtimeUs, executable }) => {
      all.set(bytes, at);
      at += bytes.length;
      return { temporary, path, length: bytes.length, mtimeUs, executable };
    });
    return { id: this.#lastId, durable, buffer: all.buffer as ArrayBuffer, files: orders };
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

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const thread = this.#threads.find(({ busy }) => !busy);
      if (!thread) return;
      const pending = this.#queue.shift()!;
      thread.busy = pending;
      thread.worker.give(pending.order, [pending.order.buffer]);
    }
  }

  #newThread(clock: Clock): Thread {
    const worker = new WorkerThread<MakeOrder, MakeReport>(SCRIPT, clock, {
      onReport: (report) => this.#take(thread, report),
      onLost: () => {
        release(thread);
        this.#dispatch();
      },
    });
    const thread: Thread = { worker, busy: undefined };
    return thread;
  }

  #take(thread: Thread, { files, buffer }: MakeReport): void {
    blockBuffers.readmit(buffer, 1);
    blockBuffers.give({ buffer });
    const pending = thread.busy;
    thread.busy = undefined;
    pending?.resolve(files);
    this.#dispatch();
    if (!thread.busy) thread.worker.rest();
  }
}

function release(thread: Thread): void {
  if (thread.busy) giveUp(thread.busy);
  thread.busy = undefined;
}

function giveUp({ order, resolve }: Pending): void {
  const message = 'the thread that writes files has ended';
  resolve(order.files.map(() => ({ staged: false, code: undefined, message })));
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
