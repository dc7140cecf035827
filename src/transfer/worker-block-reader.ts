import { blockBuffers } from '../core/buffer-pool.ts';
import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import { OrderWorker } from '../core/order-worker.ts';
import { receiveError } from '../core/passed-error.ts';
import { PlainBlockReader } from './block-reader.ts';
import type { BlockReader, PartRead, PartsRead, WantedPart } from './block-reader.ts';
import type { ReadOrder, ReadReport, ReadResult } from './block-reader-order.ts';

const SCRIPT = new URL('./block-reader-worker.js', import.meta.url);
/** Parts that are read right here: for so few the worker is not worth waking. */
const FEW = 3;
/** Files may be this large for the worker: bytes. Of larger ones one open file serves many requests. */
const MAX_SMALL_FILE_BYTES = 1024 * 1024;

/** Reads parts of small files in a worker thread: thousands of them would keep the agent busy otherwise. */
export class WorkerBlockReader implements BlockReader, Startable {
  readonly #plain: BlockReader;
  readonly #worker: OrderWorker<ReadOrder, ReadReport>;

  constructor(fileSystem: FileSystem, clock: Clock) {
    this.#plain = new PlainBlockReader(fileSystem);
    this.#worker = new OrderWorker(SCRIPT, clock);
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#plain.closeAll();
    await this.#worker.end();
  }

  async read(length: number, parts: readonly WantedPart[]): Promise<PartsRead> {
    const isWorthIt =
      parts.length > FEW && parts.every(({ expected }) => expected.size <= MAX_SMALL_FILE_BYTES);
    const report = isWorthIt ? await this.#order(length, parts) : undefined;
    if (!report) return this.#plain.read(length, parts);
    blockBuffers.readmit(report.buffer, parts.length);
    return { bytes: Buffer.from(report.buffer, 0, length), results: report.parts.map(partRead) };
  }

  closeAll(): void {
    this.#plain.closeAll();
  }

  #order(length: number, wanted: readonly WantedPart[]): Promise<ReadReport | undefined> {
    const buffer = blockBuffers.take(length).buffer as ArrayBuffer;
    const parts = wanted.map(({ path, expected, offset, length, at }) => {
      const { size, mtimeUs } = expected;
      return { path, size, mtimeUs, offset, length, at };
    });
    return this.#worker.carryOut({ buffer, parts }, [buffer]);
  }
}

function partRead(result: ReadResult): PartRead {
  return typeof result === 'string' ? result : receiveError(result);
}
