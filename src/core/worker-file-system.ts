import type { Clock } from './clock.ts';
import type { FileStat } from './file-system.ts';
import type { Startable } from './lifecycle.ts';
import type { LookOrder, LookReport } from './look-order.ts';
import { NodeFileSystem } from './node-file-system.ts';
import { receiveError } from './passed-error.ts';
import { WorkerThread } from './worker-thread.ts';

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
  readonly #worker: WorkerThread<LookOrder, LookReport>;
  /** Asked for in this turn. */
  #asked: Look[] = [];
  /** Orders under way, in the order in which they were given. */
  readonly #orders: (readonly Look[])[] = [];
  #isStopped = false;

  constructor(clock: Clock) {
    super();
    this.#worker = new WorkerThread(SCRIPT, clock, {
      onReport: (report) => this.#take(report),
      onLost: () => this.#lookAtWhatIsLeft(),
    });
  }

  async start(): Promise<void> {
    this.#isStopped = false;
  }

  /** Ends the thread. Whoever looks at something then still can, one by one. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#lookAtWhatIsLeft();
    await this.#worker.end();
  }

  /** Those that are asked for in one turn are looked at together. */
  override lstat(path: string): Promise<FileStat> {
    return new Promise((resolve, reject) => {
      if (this.#asked.length === 0) queueMicrotask(() => this.#look());
      this.#asked.push({ path, resolve, reject });
    });
  }

  #look(): void {
    const looks = this.#asked;
    this.#asked = [];
    if (looks.length <= FEW || this.#isStopped) {
      this.#lookOneByOne(looks);
      return;
    }
    this.#orders.push(looks);
    this.#worker.give({ paths: looks.map(({ path }) => path) });
  }

  #take({ found }: LookReport): void {
    const looks = this.#orders.shift()!;
    looks.forEach(({ resolve, reject }, position) => {
      const stat = found[position]!;
      if ('code' in stat) reject(receiveError(stat));
      else resolve(stat);
    });
    if (this.#orders.length === 0) this.#worker.rest();
  }

  #lookAtWhatIsLeft(): void {
    for (const looks of this.#orders.splice(0)) this.#lookOneByOne(looks);
  }

  #lookOneByOne(looks: readonly Look[]): void {
    for (const { path, resolve, reject } of looks) super.lstat(path).then(resolve, reject);
  }
}
