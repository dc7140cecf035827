import type { Clock, Timer } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Documents } from './document-store.ts';
import { SqliteError } from './sqlite.ts';

/** ms until another try when the database could not be written. */
const RETRY_MS = 2000;

/**
 * Documents for parts whose work goes on when the disk is full or fails: what the database refuses to write is written
 * as soon as it can be, in the order of the changes.
 */
export class PatientDocuments implements Documents, Startable {
  readonly #store: Documents;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #unwritten = new Map<string, unknown>();
  #timer: Timer | undefined;

  constructor(store: Documents, parts: { clock: Clock; logger: Logger }) {
    this.#store = store;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  async start(): Promise<void> {}

  /** What the database still refuses then is given up. */
  async stop(): Promise<void> {
    this.#write();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** What is written, by ascending id. */
  all(): ReadonlyMap<string, unknown> {
    return this.#store.all();
  }

  /** Puts and deletes (undefined); durable when this returns, unless the database refuses. */
  write(changes: Iterable<readonly [id: string, value: unknown]>): void {
    for (const [id, value] of changes) this.#unwritten.set(id, value);
    this.#write();
  }

  #write(): void {
    if (this.#unwritten.size === 0) return;
    try {
      this.#store.write(this.#unwritten);
      this.#unwritten.clear();
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
      this.#logger.error('index.unwritable', { reason: error.code });
      this.#timer ??= this.#clock.after(RETRY_MS, () => {
        this.#timer = undefined;
        this.#write();
      });
    }
  }
}
