import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import { PlainFileMaker } from './file-maker.ts';
import type { FileMaker, NewFile } from './file-maker.ts';
import type { MadeFile, MakeOrder, MakeReport } from './file-maker-order.ts';

/** Files that are made right here: for so few a worker is not worth waking. */
const FEW = 8;
/** Files in one order to a worker. */
const ORDER_FILES = 64;
/** More would only wait for the same disk. */
const MAX_WORKERS = 4;
/** ms after which workers with nothing to do are ended. */
const IDLE_MS = 10_000;

interface Pending {
  readonly order: MakeOrder;
  readonly resolve: (made: readonly MadeFile[]) => void;
}

interface Thread {
  readonly worker: Worker;
  busy: Pending | undefined;
}

/** Makes files in worker threads: an agent that receives thousands of them has better things to do than wait for each. */
export class WorkerFileMaker implements FileMaker, Startable {
  readonly #fileSystem: FileSystem;
  readonly #plain: FileMaker;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #threads = new Set<Thread>();
  readonly #queue: Pending[] = [];
  #lastId = 0;
  #idle: Timer | undefined;

  constructor(fileSystem: FileSystem, clock: Clock, cores: number = availableParallelism()) {
    this.#fileSystem = fileSystem;
    this.#plain = new PlainFileMaker(fileSystem);
    this.#clock = clock;
    this.#limit = Math.min(MAX_WORKERS, Math.max(1, cores));
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#idle?.cancel();
    this.#idle = undefined;
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)));
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
    this.#idle?.cancel();
    this.#idle = undefined;
    while (this.#queue.length > 0) {
      const thread = [...this.#threads].find(({ busy }) => !busy) ?? this.#begin();
      if (!thread) return;
      const pending = this.#queue.shift()!;
      thread.busy = pending;
      thread.worker.ref();
      thread.worker.postMessage(pending.order, [pending.order.bytes.buffer as ArrayBuffer]);
    }
    if ([...this.#threads].some(({ busy }) => busy)) return;
    this.#idle = this.#clock.after(IDLE_MS, () => void this.stop());
  }

  #begin(): Thread | undefined {
    if (this.#threads.size >= this.#limit) return undefined;
    const worker = new Worker(new URL('./file-maker-worker.js', import.meta.url));
    const thread: Thread = { worker, busy: undefined };
    worker.on('message', ({ files }: MakeReport) => {
      const pending = thread.busy;
      thread.busy = undefined;
      worker.unref();
      pending?.resolve(files);
      this.#dispatch();
    });
    worker.on('error', () => void this.#end(thread));
    worker.on('exit', () => void this.#end(thread));
    this.#threads.add(thread);
    return thread;
  }

  async #end(thread: Thread): Promise<void> {
    if (!this.#threads.delete(thread)) return;
    thread.worker.removeAllListeners();
    // A worker that fails again while it ends must not bring the agent down.
    thread.worker.on('error', () => undefined);
    const lost: MadeFile = {
      staged: false,
      code: undefined,
      message: 'the thread that writes files has ended',
    };
    thread.busy?.resolve(thread.busy.order.files.map(() => lost));
    await thread.worker.terminate();
  }
}
