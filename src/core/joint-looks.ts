import type { Clock } from './clock.ts';
import type { FileStat, FileSystem } from './file-system.ts';
import type { Startable } from './lifecycle.ts';
import type { LookOrder, LookReport } from './look-order.ts';
import { WorkerThread } from './worker-thread.ts';

export interface JointLooksOptions {
  /** ms after which a look is slow. */
  readonly patience?: number;
}

interface Asked {
  readonly path: string;
  readonly resolve: (stat: FileStat) => void;
  readonly reject: (error: unknown) => void;
}

const SCRIPT = new URL('./look-worker.js', import.meta.url);
/** For so few the thread is not worth waking. */
const FEW = 8;
/** ms: many times what a look at something in memory takes, and less than one at a disk. */
const PATIENCE = 0.1;
/** ms after which the thread is tried again, when most of its looks were slow. */
const SLOW_TIME = 10_000;

/**
 * Looks at files: at many that are asked for in one turn together, in a thread, at a fourth of the price of as many
 * operations of their own. Where each look waits for a disk, the operations are the better choice, for the system then
 * does several at a time.
 */
export class JointLooks implements Startable {
  readonly #single: FileSystem['lstat'];
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #worker: WorkerThread<LookOrder, LookReport>;
  readonly #orders: (readonly Asked[])[] = [];
  #asked: Asked[] = [];
  #slowUntil = 0;

  /** @param single looks at one file by an operation of its own. */
  constructor(single: FileSystem['lstat'], clock: Clock, { patience = PATIENCE }: JointLooksOptions = {}) {
    this.#single = single;
    this.#clock = clock;
    this.#patience = patience;
    this.#worker = new WorkerThread(SCRIPT, clock, {
      onReport: (report) => this.#take(report),
      onLost: () => this.#lookAtWhatIsLeft(),
    });
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#lookAtWhatIsLeft();
    await this.#worker.end();
  }

  /** As `FileSystem.lstat`. */
  lstat(path: string): Promise<FileStat> {
    return new Promise((resolve, reject) => {
      if (this.#asked.length === 0) queueMicrotask(() => this.#lookAtAll());
      this.#asked.push({ path, resolve, reject });
    });
  }

  #lookAtAll(): void {
    const asked = this.#asked;
    this.#asked = [];
    if (asked.length <= FEW || this.#clock.monotonic() < this.#slowUntil) {
      this.#lookAtEach(asked);
      return;
    }
    this.#orders.push(asked);
    this.#worker.give({ paths: asked.map(({ path }) => path), patience: this.#patience });
  }

  #take({ looks, slow }: LookReport): void {
    if (slow > looks.length / 2) this.#slowUntil = this.#clock.monotonic() + SLOW_TIME;
    const asked = this.#orders.shift()!;
    looks.forEach((look, position) => {
      const { resolve, reject } = asked[position]!;
      if ('type' in look) resolve(look);
      else reject(Object.assign(new Error(look.message), { code: look.code }));
    });
    if (this.#orders.length === 0) this.#worker.rest();
  }

  #lookAtWhatIsLeft(): void {
    for (const asked of this.#orders.splice(0)) this.#lookAtEach(asked);
  }

  #lookAtEach(asked: readonly Asked[]): void {
    for (const { path, resolve, reject } of asked) this.#single(path).then(resolve, reject);
  }
}
