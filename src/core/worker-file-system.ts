import type { Clock } from './clock.ts';
import type { FileStat } from './file-system.ts';
import type { Startable } from './lifecycle.ts';
import type { LookOrder, LookReport } from './look-order.ts';
import { NodeFileSystem } from './node-file-system.ts';
import { OrderWorker } from './order-worker.ts';
import { receiveError } from './passed-error.ts';

const SCRIPT = new URL('./look-worker.js', import.meta.url);
/** Paths that are looked at one by one: for so few the worker is not worth waking. */
const FEW = 8;

interface Look {
  readonly path: string;
  readonly resolve: (stat: FileStat) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The machine's own file system, which looks at many paths with one order to a worker thread. One by one they go through
 * the pool of Node.js, which wakes a thread for each: that costs several times what the look itself does.
 */
export class WorkerFileSystem extends NodeFileSystem implements Startable {
  readonly #worker: OrderWorker<LookOrder, LookReport>;
  /** Asked for in this turn. */
  #asked: Look[] = [];
  #isStopped = false;

  constructor(clock: Clock) {
    super();
    this.#worker = new OrderWorker(SCRIPT, clock);
  }

  async start(): Promise<void> {
    this.#isStopped = false;
  }

  /** Ends the thread. Whoever looks at something then still can, one by one. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#worker.end();
  }

  /** Those that are asked for in one turn are looked at together. */
  override lstat(path: string): Promise<FileStat> {
    return new Promise((resolve, reject) => {
      if (this.#asked.length === 0) queueMicrotask(() => void this.#look());
      this.#asked.push({ path, resolve, reject });
    });
  }

  async #look(): Promise<void> {
    const looks = this.#asked;
    this.#asked = [];
    const isWorthIt = looks.length > FEW && !this.#isStopped;
    const report = isWorthIt
      ? await this.#worker.carryOut({ paths: looks.map(({ path }) => path) })
      : undefined;
    looks.forEach(({ path, resolve, reject }, position) => {
      const stat = report?.found[position];
      if (!stat) super.lstat(path).then(resolve, reject);
      else if ('code' in stat) reject(receiveError(stat));
      else resolve(stat);
    });
  }
}
