import { blockBuffers } from '../core/buffer-pool.ts';
import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import { receiveError } from '../core/passed-error.ts';
import { WorkerThread } from '../core/worker-thread.ts';
import { PlainBlockReader } from './block-reader.ts';
import type { BlockReader, PartRead, PartsRead, WantedPart } from './block-reader.ts';
import type { ReadOrder, ReadReport, ReadResult } from './block-reader-order.ts';

const SCRIPT = new URL('./block-reader-worker.js', import.meta.url);
/** Parts that are read right here: for so few the worker is not worth waking. */
const FEW = 3;
/** Files may be this large for the worker: bytes. Of larger ones one open file serves many requests. */
const MAX_FILE_BYTES = 1024 * 1024;

interface Pending {
  readonly length: number;
  readonly parts: readonly WantedPart[];
  readonly resolve: (read: PartsRead) => void;
}

/** Reads parts of small files in a worker thread: thousands of them would keep the agent busy otherwise. */
export class WorkerBlockReader implements BlockReader, Startable {
  readonly #plain: BlockReader;
  readonly #worker: WorkerThread<ReadOrder, ReadReport>;
  /** In the order in which they were given. */
  readonly #pending: Pending[] = [];

  constructor(fileSystem: FileSystem, clock: Clock) {
    this.#plain = new PlainBlockReader(fileSystem);
    this.#worker = new WorkerThread(SCRIPT, clock, {
      onReport: (report) => this.#take(report),
      onLost: () => this.#readWhatIsLeft(),
    });
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#plain.closeAll();
    this.#readWhatIsLeft();
    await this.#worker.end();
  }

  read(length: number, parts: readonly WantedPart[]): Promise<PartsRead> {
    const isWorthIt = parts.length > FEW && parts.every(({ expected }) => expected.size <= MAX_FILE_BYTES);
    if (!isWorthIt) return this.#plain.read(length, parts);
    return new Promise((resolve) => {
      this.#pending.push({ length, parts, resolve });
      const buffer = blockBuffers.take(length).buffer as ArrayBuffer;
      const orders = parts.map((part) => {
        const { size, mtimeUs } = part.expected;
        return { path: part.path, size, mtimeUs, offset: part.offset, length: part.length, at: part.at };
      });
      this.#worker.give({ buffer, parts: orders }, [buffer]);
    });
  }

  closeAll(): void {
    this.#plain.closeAll();
  }

  #take({ buffer, parts }: ReadReport): void {
    const { length, resolve } = this.#pending.shift()!;
    blockBuffers.readmit(buffer, parts.length);
    resolve({ bytes: Buffer.from(buffer, 0, length), results: parts.map(partRead) });
    if (this.#pending.length === 0) this.#worker.rest();
  }

  #readWhatIsLeft(): void {
    for (const { length, parts, resolve } of this.#pending.splice(0)) {
      void this.#plain.read(length, parts).then(resolve);
    }
  }
}

function partRead(result: ReadResult): PartRead {
  return typeof result === 'string' ? result : receiveError(result);
}
