import type { Clock } from '../core/clock.ts';
import { SqliteError } from '../index/sqlite.ts';
import type { RelativePath } from '../model/relative-path.ts';

export interface AgendaParts {
  readonly clock: Clock;
  /** Whether anything may be looked at now; asked again after `wake`. */
  readonly mayWork: () => boolean;
  /** Looks at paths. */
  readonly look: (paths: readonly RelativePath[]) => void;
  /** The database could not be read, which has ended the lists: all that is to be looked at is to be added again. */
  readonly beginAnew: () => void;
}

/** Paths that are looked at in one go, in about as many ms as a frame of video has. */
const ROUND = 256;

/** ms until another try when the database could not be read. */
const RETRY_MS = 2000;

/** What has to be looked at: single paths, each once however often it changed, then whole lists of them. */
export class RuleAgenda {
  readonly #parts: AgendaParts;
  readonly #paths = new Set<RelativePath>();
  #lists: Iterator<RelativePath>[] = [];
  #work: Promise<void> | undefined;
  #stopping = new AbortController();

  constructor(parts: AgendaParts) {
    this.#parts = parts;
  }

  get isIdle(): boolean {
    return this.#work === undefined;
  }

  add(path: RelativePath): void {
    this.#paths.add(path);
    this.wake();
  }

  addAll(paths: Iterable<RelativePath>): void {
    this.#lists.push(paths[Symbol.iterator]());
    this.wake();
  }

  /** Instead of all lists that are not at their end. */
  restart(paths: Iterable<RelativePath>): void {
    this.#lists = [];
    this.addAll(paths);
  }

  /** Goes on, in a later turn, if there is something to look at and it may be. */
  wake(): void {
    if (this.#work || !this.#parts.mayWork()) return;
    const { signal } = this.#stopping;
    this.#work = Promise.resolve()
      .then(() => this.#workThrough(signal))
      .finally(() => {
        this.#work = undefined;
        if (this.#paths.size > 0 || this.#lists.length > 0) this.wake();
      });
  }

  /** Forgets everything; resolves when nothing is looked at any more. */
  async stop(): Promise<void> {
    this.#paths.clear();
    this.#lists = [];
    this.#stopping.abort();
    await this.#work;
    this.#stopping = new AbortController();
  }

  async #workThrough(signal: AbortSignal): Promise<void> {
    while (this.#parts.mayWork() && !signal.aborted) {
      const paths: RelativePath[] = [];
      try {
        this.#take(paths);
        if (paths.length > 0) this.#parts.look(paths);
      } catch (error) {
        if (!(error instanceof SqliteError)) throw error;
        for (const path of paths) this.#paths.add(path);
        await this.#parts.clock.sleep(RETRY_MS, signal).catch(() => undefined);
        if (!signal.aborted) this.#parts.beginAnew();
        continue;
      }
      if (this.#paths.size === 0 && this.#lists.length === 0) return;
      // Whoever waits for the network or the disk has a turn.
      await this.#parts.clock.sleep(0, signal).catch(() => undefined);
    }
  }

  #take(paths: RelativePath[]): void {
    for (const path of this.#paths) {
      if (paths.length === ROUND) break;
      paths.push(path);
      this.#paths.delete(path);
    }
    while (paths.length < ROUND && this.#lists.length > 0) {
      const next = this.#lists[0]!.next();
      if (next.done) this.#lists.shift();
      else paths.push(next.value);
    }
  }
}
