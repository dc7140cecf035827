import type { Logger } from '../core/logger.ts';
import { isFolderProblem, type FolderState } from './folder-state.ts';
import { SqliteError } from './sqlite.ts';
import { watchLimit } from './watch-limit.ts';

export interface FolderTroublesParts {
  readonly state: FolderState;
  readonly logger: Logger;
  /** Whether nothing is looked for any more: what fails then is nobody's trouble. */
  readonly isStopped: () => boolean;
}

/**
 * What goes wrong while changes are looked for. It is told to the state of the folder at once, and is over when a scan
 * of everything has not met it again.
 */
export class FolderTroubles {
  readonly #parts: FolderTroublesParts;
  /** Since the last scan of everything began: a directory could not be watched, the database refused to be read. */
  #hasUnwatched = false;
  #hasUnread = false;

  constructor(parts: FolderTroublesParts) {
    this.#parts = parts;
  }

  scanBegins(): void {
    this.#hasUnwatched = false;
    this.#hasUnread = false;
  }

  scanEnded(): void {
    const { state } = this.#parts;
    if (!this.#hasUnwatched) state.setWatch(undefined);
    if (!this.#hasUnread) state.setDatabase(undefined);
  }

  /** Runs `work`; undefined when it failed, most often since the folder turned out to be lost. */
  async orLost<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      const { state, logger, isStopped } = this.#parts;
      if (isFolderProblem(error)) state.setFolder(error);
      else if (error instanceof SqliteError) this.#refused(error);
      else if (!isStopped()) logger.error('folder.scan-failed', { message: String(error) });
      return undefined;
    }
  }

  /** Runs `work`, which may look something up that the database cannot read; then a scan has to find it. */
  orUnread(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
      this.#refused(error);
    }
  }

  /** A directory could not be watched; `code` is the system's. */
  watchRefused(code: string): void {
    const { state, logger } = this.#parts;
    const limit = watchLimit(code);
    if (!limit) {
      logger.debug('watch.failed', { code });
      return;
    }
    this.#hasUnwatched = true;
    state.setWatch(limit);
  }

  #refused(error: SqliteError): void {
    this.#hasUnread = true;
    if (!this.#parts.isStopped()) this.#parts.state.setDatabase(error);
  }
}
