import type { Logger } from '../core/logger.ts';
import { compareBytes } from '../model/path-order.ts';
import { pathProblem } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { SkipReason } from './found-item.ts';

export interface SkippedFile {
  /** Below the shared folder, as the disk spells it. */
  readonly path: string;
  readonly reason: SkipReason;
}

/** More are not remembered, and not logged. */
const MAX_SKIPPED = 10_000;

/** What lies in the shared folder, but cannot be shared, and why. Each is logged once as long as it stays so. */
export class SkippedFiles {
  readonly #logger: Logger;
  readonly #onFreed: (path: RelativePath) => void;
  #files = new Map<string, SkipReason>();
  #before = new Map<string, SkipReason>();

  /** `onFreed` is told of a path that none of them is at any more. */
  constructor(logger: Logger, onFreed: (path: RelativePath) => void) {
    this.#logger = logger;
    this.#onFreed = onFreed;
  }

  add(path: string, reason: SkipReason): void {
    const isKnown = this.#files.get(path) === reason || this.#before.get(path) === reason;
    if (this.#files.size >= MAX_SKIPPED && !this.#files.has(path)) return;
    this.#files.set(path, reason);
    if (!isKnown && reason !== 'private') this.#logger.info('file.skipped', { path, reason });
  }

  remove(path: string): void {
    const wasThere = this.#files.delete(path);
    if (this.#before.delete(path) || wasThere) this.#free(path);
  }

  /** A scan of everything begins: what it does not meet again is forgotten when it ends. */
  beginScan(): void {
    this.#before = this.#files;
    this.#files = new Map();
  }

  endScan(): void {
    const before = this.#before;
    this.#before = new Map();
    for (const path of before.keys()) if (!this.#files.has(path)) this.#free(path);
  }

  /** By path. */
  list(): SkippedFile[] {
    const files = [...this.#files].map(([path, reason]) => ({ path, reason }));
    return files.sort((a, b) => compareBytes(a.path, b.path));
  }

  #free(native: string): void {
    const path = native.normalize('NFC');
    if (pathProblem(path) === undefined) this.#onFreed(path as RelativePath);
  }
}
