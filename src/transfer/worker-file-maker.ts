import { availableParallelism } from 'node:os';
import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import { WorkerThread } from '../core/worker-thread.ts';
import { PlainFileMaker } from './file-maker.ts';
import type { FileMaker, NewFile } from './file-maker.ts';
import type { MadeFile, MakeOrder, MakeReport } from './file-maker-order.ts';

const SCRIPT = new URL('./file-maker-worker.js', import.meta.url);
/** Files that are made right here: for so few a worker is not worth waking. */
const FEW = 8;
/** Files in one order to a worker. */
const ORDER_FILES = 64;
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
    for (let at = 0; at < files.length; at += ORDER_FILES) {
      orders.push(this.#makeSome(files.slice(at, at + ORDER_FILES), durable));
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
    const bytes = Buffer.allocUnsafeSlow(files.reduce((sum, file) => sum + file.bytes.length, 0));
    let at = 0;
    for (const file of files) {
      bytes.set(file.bytes, at);
      at += file.bytes.length;
    }
    const orders = files.map(({ temporary, path, bytes: { length }, mtimeUs, executable }) => {
      return { temporary, path, length, mtimeUs, executable };
    });
    return { id: this.#lastId, durable, bytes, files: orders };
  }

  /** A file that is whole but could not be linked gets its name by the other means that the file system knows. */
  async #settle({ temporary, path }: NewFile, result: MadeFile): Promise<Error | undefined> {
    if (result === 'made') return undefined;
    const { staged, code, message } = result;
    if (!staged || code === 'EEXIST') return Object.assign(new Error(message), { code });
    try {
      await this.#fileSystem.renameNew(temporary, path);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const thread = this.#threads.find(({ busy }) => !busy);
      if (!thread) return;
      const pending = this.#queue.shift()!;
      thread.busy = pending;
      thread.worker.give(pending.order, [pending.order.bytes.buffer as ArrayBuffer]);
    }
  }

  #newThread(clock: Clock): Thread {
    const worker = new WorkerThread<MakeOrder, MakeReport>(SCRIPT, clock, {
      onReport: ({ files }) => this.#take(thread, files),
      onLost: () => {
        release(thread);
        this.#dispatch();
      },
    });
    const thread: Thread = { worker, busy: undefined };
    return thread;
  }

  #take(thread: Thread, files: readonly MadeFile[]): void {
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
