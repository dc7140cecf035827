import { absolutePath, type FoundItem } from './found-item.ts';
import { isSameFile, type FileHasher, type HashOutcome, type HashProgress } from './file-hasher.ts';
import type { RelativePath } from '../model/relative-path.ts';

interface ContentJob {
  readonly item: FoundItem;
  /** The outcome is of no use: the path has changed since, or somebody else has recorded it. */
  stale: boolean;
  /** What is there instead. */
  next: FoundItem | undefined;
}

export interface ContentEvents {
  readonly onProgress: (item: FoundItem, progress: HashProgress) => void;
  readonly onOutcome: (item: FoundItem, outcome: HashOutcome) => void;
  /** No file with this inode is being read any more: see `isReading`. */
  readonly onReleased: (inode: string) => void;
}

/** Files that wait at most, so that a scan of a million new ones does not hold them all in memory. */
const MAX_WAITING = 4000;

/** The files whose content is being read, each once. */
export class ContentQueue {
  readonly #root: string;
  readonly #hasher: FileHasher;
  readonly #events: ContentEvents;
  readonly #jobs = new Map<RelativePath, ContentJob>();
  readonly #inodes = new Map<string, number>();
  #waiters: (() => void)[] = [];

  constructor(root: string, hasher: FileHasher, events: ContentEvents) {
    this.#root = root;
    this.#hasher = hasher;
    this.#events = events;
  }

  get size(): number {
    return this.#jobs.size;
  }

  /** Reads `item`, unless that is under way. */
  add(item: FoundItem): void {
    const job = this.#jobs.get(item.path);
    if (!job) void this.#run(item);
    else if (job.stale || !isSameFile(job.item.stat, item.stat)) {
      job.stale = true;
      job.next = item;
    }
  }

  /** What is being read under `path` is of no use any more. */
  discard(path: RelativePath): void {
    const job = this.#jobs.get(path);
    if (!job) return;
    job.stale = true;
    job.next = undefined;
  }

  /** What is to be read at `path`, and below it; anywhere by default. */
  wantedAt(path?: RelativePath): FoundItem[] {
    const wanted = [...this.#jobs.values()].flatMap(({ item, stale, next }) => (stale ? (next ?? []) : item));
    if (path === undefined) return wanted;
    return wanted.filter((item) => item.path === path || item.path.startsWith(`${path}/`));
  }

  /** Whether a file with this inode is being read: perhaps the same under a new name. */
  isReading(inode: string): boolean {
    return this.#inodes.has(inode);
  }

  /** Resolves when there is room for more, or when `signal` is aborted and `wake` called. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#jobs.size >= MAX_WAITING && !signal.aborted) await this.#nextEnd();
  }

  /** Lets those who wait look at their signal. */
  wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async #run(item: FoundItem): Promise<void> {
    const job: ContentJob = { item, stale: false, next: undefined };
    const { inode, size } = item.stat;
    this.#jobs.set(item.path, job);
    this.#inodes.set(inode, (this.#inodes.get(inode) ?? 0) + 1);
    const outcome = await this.#hasher.hash(absolutePath(this.#root, item.native), size, (progress) => {
      if (!job.stale) this.#events.onProgress(item, progress);
    });
    this.#jobs.delete(item.path);
    if (!job.stale) this.#events.onOutcome(item, outcome);
    this.#release(inode);
    if (job.next) this.add(job.next);
    this.wake();
  }

  #release(inode: string): void {
    const count = this.#inodes.get(inode)! - 1;
    if (count > 0) {
      this.#inodes.set(inode, count);
      return;
    }
    this.#inodes.delete(inode);
    this.#events.onReleased(inode);
  }
}
