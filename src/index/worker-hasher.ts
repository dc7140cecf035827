import { availableParallelism } from 'node:os';
import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Startable } from '../core/lifecycle.ts';
import { WorkerThread } from '../core/worker-thread.ts';
import type { DigestOutcome, FileHasher, HashOutcome, HashProgress, Unread } from './file-hasher.ts';
import type { HashJob, HashOrder, HashReport } from './hash-job.ts';
import { InlineHasher } from './inline-hasher.ts';

const SCRIPT = new URL('./hash-worker.js', import.meta.url);
const KIB = 1024;
/** Bytes. Files up to the first size are hashed right here while there is little to do, up to the second in batches. */
const INLINE_SIZE = 256 * KIB;
const SMALL_SIZE = 1024 * KIB;
/** At most this many at a time right here. */
const INLINE_JOBS = 4;
/** A batch for a worker ends when it has this many files or bytes. */
const BATCH_JOBS = 64;
const BATCH_SIZE = 4 * SMALL_SIZE;
const MAX_WORKERS = 16;

interface PendingJob extends HashJob {
  readonly size: number;
  readonly onProgress: ((progress: HashProgress) => void) | undefined;
  readonly finish: (outcome: HashOutcome | DigestOutcome) => void;
}

interface HashThread {
  readonly worker: WorkerThread<HashOrder, HashReport>;
  readonly jobs: Map<number, PendingJob>;
  large: boolean;
}

/**
 * Hashes in worker threads, as many as there are cores for it, made when there is work and ended when there is none.
 * One of them is kept free of large files, so that a small one never waits for a large one.
 */
export class WorkerHasher implements FileHasher, Startable {
  readonly #clock: Clock;
  readonly #inline: FileHasher;
  readonly #small: PendingJob[] = [];
  readonly #large: PendingJob[] = [];
  readonly #threads: readonly HashThread[];
  #inlineJobs = 0;
  #lastId = 0;
  #stopped = false;

  constructor(clock: Clock, files: FileSystem, cores: number = availableParallelism()) {
    this.#clock = clock;
    this.#inline = new InlineHasher(files);
    const count = Math.min(MAX_WORKERS, Math.max(2, cores));
    this.#threads = Array.from({ length: count }, () => this.#newThread());
  }

  async start(): Promise<void> {
    this.#stopped = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    giveUp([...this.#small.splice(0), ...this.#large.splice(0)], 'ABORTED');
    for (const thread of this.#threads) release(thread, 'ABORTED');
    await Promise.all(this.#threads.map(({ worker }) => worker.end()));
  }

  async hash(
    path: string,
    size: number,
    onProgress?: (progress: HashProgress) => void,
  ): Promise<HashOutcome> {
    if (size <= INLINE_SIZE && this.#small.length === 0 && this.#inlineJobs < INLINE_JOBS) {
      return this.#hashInline(path, size);
    }
    return (await this.#queue(path, size, 'blocks', onProgress)) as HashOutcome;
  }

  async sha256(path: string, size: number): Promise<DigestOutcome> {
    return (await this.#queue(path, size, 'sha256')) as DigestOutcome;
  }

  async #hashInline(path: string, size: number): Promise<HashOutcome> {
    this.#inlineJobs += 1;
    try {
      return await this.#inline.hash(path, size);
    } finally {
      this.#inlineJobs -= 1;
    }
  }

  #queue(
    path: string,
    size: number,
    kind: HashJob['kind'],
    onProgress?: (progress: HashProgress) => void,
  ): Promise<HashOutcome | DigestOutcome> {
    if (this.#stopped) return Promise.resolve({ type: 'failed', code: 'ABORTED' });
    return new Promise((finish) => {
      this.#lastId += 1;
      const job = { id: this.#lastId, path, size, kind, onProgress, finish };
      (size <= SMALL_SIZE ? this.#small : this.#large).push(job);
      this.#dispatch();
    });
  }

  /** Gives work to threads that have none. */
  #dispatch(): void {
    while (!this.#stopped && this.#small.length + this.#large.length > 0) {
      const mayBeLarge = this.#threads.filter(({ large }) => large).length < this.#threads.length - 1;
      if (this.#small.length === 0 && !mayBeLarge) return;
      const thread = this.#threads.find(({ jobs }) => jobs.size === 0);
      if (!thread) return;
      this.#give(thread, this.#small.length > 0 ? takeBatch(this.#small) : this.#large.splice(0, 1));
    }
  }

  #give(thread: HashThread, jobs: readonly PendingJob[]): void {
    thread.large = jobs[0]!.size > SMALL_SIZE;
    for (const job of jobs) thread.jobs.set(job.id, job);
    thread.worker.give({ jobs: jobs.map(({ id, path, kind }) => ({ id, path, kind })) });
  }

  #newThread(): HashThread {
    const worker = new WorkerThread<HashOrder, HashReport>(SCRIPT, this.#clock, {
      onReport: (report) => this.#hear(thread, report),
      onLost: () => this.#lose(thread),
    });
    const thread: HashThread = { worker, jobs: new Map(), large: false };
    return thread;
  }

  #hear(thread: HashThread, report: HashReport): void {
    if (report.type === 'progress') {
      thread.jobs.get(report.id)?.onProgress?.(report.progress);
      return;
    }
    for (const { id, outcome } of report.results) {
      const job = thread.jobs.get(id);
      thread.jobs.delete(id);
      job?.finish(outcome);
    }
    if (thread.jobs.size > 0) return;
    thread.large = false;
    this.#dispatch();
    if (thread.jobs.size === 0) thread.worker.rest();
  }

  #lose(thread: HashThread): void {
    release(thread, 'INTERNAL');
    this.#dispatch();
  }
}

function release(thread: HashThread, code: string): void {
  giveUp(thread.jobs.values(), code);
  thread.jobs.clear();
  thread.large = false;
}

function giveUp(jobs: Iterable<PendingJob>, code: string): void {
  const outcome: Unread = { type: 'failed', code };
  for (const { finish } of jobs) finish(outcome);
}

function takeBatch(queue: PendingJob[]): PendingJob[] {
  let bytes = 0;
  let count = 0;
  while (count < queue.length && count < BATCH_JOBS && bytes < BATCH_SIZE) {
    bytes += queue[count]!.size;
    count += 1;
  }
  return queue.splice(0, count);
}
