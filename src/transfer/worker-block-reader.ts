import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import { WorkerThread } from '../core/worker-thread.ts';
import { PlainBlockReader } from './block-reader.ts';
import type { BlockReader, ExpectedFile } from './block-reader.ts';
import type { ReadFile, ReadOrder, ReadReport } from './block-reader-order.ts';

const SCRIPT = new URL('./block-reader-worker.js', import.meta.url);
/** Files that are read right here: for so few the worker is not worth waking. */
const FEW = 3;
/** Files in one order to the worker. */
const ORDER_FILES = 64;
/** Bytes in one order, unless a single file has more. */
const ORDER_BYTES = 4 * 1024 * 1024;
/** Files of one block may be this large to be read in the worker. Bytes. */
const MAX_FILE_BYTES = 128 * 1024;

interface Wanted {
  readonly path: string;
  readonly expected: ExpectedFile;
  readonly resolve: (bytes: Uint8Array | 'changed') => void;
  readonly reject: (error: unknown) => void;
}

/** Reads small files in a worker thread, many with one order: thousands of them would keep the agent busy otherwise. */
export class WorkerBlockReader implements BlockReader, Startable {
  readonly #plain: BlockReader;
  readonly #worker: WorkerThread<ReadOrder, ReadReport>;
  #underWay: readonly Wanted[] = [];
  readonly #waiting: Wanted[] = [];
  #isGathering = false;

  constructor(fileSystem: FileSystem, clock: Clock) {
    this.#plain = new PlainBlockReader(fileSystem);
    this.#worker = new WorkerThread(SCRIPT, clock, {
      onReport: ({ files }) => this.#take(files),
      onLost: () => this.#readWhatIsLeft(),
    });
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#plain.closeAll();
    this.#readWhatIsLeft();
    await this.#worker.end();
  }

  read(
    path: string,
    expected: ExpectedFile,
    offset: number,
    length: number,
  ): Promise<Uint8Array | 'changed'> {
    if (length !== expected.size || length > MAX_FILE_BYTES) {
      return this.#plain.read(path, expected, offset, length);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ path, expected, resolve, reject });
      if (this.#isGathering) return;
      this.#isGathering = true;
      setImmediate(() => {
        this.#isGathering = false;
        this.#dispatch();
      });
    });
  }

  closeAll(): void {
    this.#plain.closeAll();
  }

  /** One order at a time: what is asked for meanwhile makes the next one larger. */
  #dispatch(): void {
    if (this.#underWay.length > 0 || this.#waiting.length === 0) return;
    if (this.#waiting.length <= FEW) return this.#readPlainly(this.#waiting.splice(0));
    let count = 0;
    for (let bytes = 0; count < Math.min(this.#waiting.length, ORDER_FILES); count += 1) {
      bytes += this.#waiting[count]!.expected.size;
      if (bytes > ORDER_BYTES && count > 0) break;
    }
    this.#underWay = this.#waiting.splice(0, count);
    const files = this.#underWay.map(({ path, expected: { size, mtimeUs } }) => ({ path, size, mtimeUs }));
    this.#worker.give({ files });
  }

  #take(files: ReadReport['files']): void {
    const done = this.#underWay;
    this.#underWay = [];
    done.forEach((wanted, index) => settle(wanted, files[index]!));
    this.#dispatch();
    if (this.#underWay.length === 0) this.#worker.rest();
  }

  #readWhatIsLeft(): void {
    const lost = [...this.#underWay, ...this.#waiting.splice(0)];
    this.#underWay = [];
    this.#readPlainly(lost);
  }

  #readPlainly(some: readonly Wanted[]): void {
    for (const { path, expected, resolve, reject } of some) {
      this.#plain.read(path, expected, 0, expected.size).then(resolve, reject);
    }
  }
}

function settle({ resolve, reject }: Wanted, result: ReadFile): void {
  if (result === 'changed' || result instanceof Uint8Array) resolve(result);
  else reject(Object.assign(new Error(result.message), { code: result.code }));
}
