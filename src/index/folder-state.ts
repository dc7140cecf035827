import { CompartidosError, isCompartidosError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { DATABASE_FILE } from './database.ts';
import type { SqliteError } from './sqlite.ts';

/** What keeps the index from being complete: the folder itself, its database, or that not all of it can be watched. */
export class FolderState {
  readonly #logger: Logger;
  readonly #onChanged: (problems: readonly CompartidosError[]) => void;
  #folder: CompartidosError | undefined;
  #watch: CompartidosError | undefined;
  #database: CompartidosError | undefined;

  constructor(logger: Logger, onChanged: (problems: readonly CompartidosError[]) => void) {
    this.#logger = logger;
    this.#onChanged = onChanged;
  }

  get problems(): CompartidosError[] {
    return [this.#folder, this.#database, this.#watch].filter((problem) => problem !== undefined);
  }

  get folderProblem(): CompartidosError | undefined {
    return this.#folder;
  }

  /** @throws FOLDER_MISSING, FOLDER_CHANGED */
  assertFolder(): void {
    if (this.#folder) throw this.#folder;
  }

  get isWatchLimited(): boolean {
    return this.#watch !== undefined;
  }

  /** Something could not be recorded or looked up: only a scan of everything finds it again. */
  get isUnread(): boolean {
    return this.#database !== undefined;
  }

  setFolder(problem: CompartidosError | undefined): void {
    const { code, params } = this.#folder ?? {};
    if (code === problem?.code && params?.['reason'] === problem?.params['reason']) return;
    this.#folder = problem;
    if (problem) this.#logger.error('folder.lost', { code: problem.code, ...problem.params });
    else this.#logger.info('folder.found');
    this.#onChanged(this.problems);
  }

  /** What the database refuses; undefined when everything has been looked at since. */
  setDatabase(refusal: SqliteError | undefined): void {
    if (this.#database?.params['reason'] === refusal?.code) return;
    const reason = refusal?.code;
    this.#database =
      reason === undefined ? undefined : new CompartidosError('DISK_ERROR', { path: DATABASE_FILE, reason });
    if (reason === undefined) this.#logger.info('index.readable');
    else this.#logger.error('index.unreadable', { reason });
    this.#onChanged(this.problems);
  }

  setWatch(problem: CompartidosError | undefined): void {
    if (this.#watch?.code === problem?.code) return;
    this.#watch = problem;
    if (problem) this.#logger.warn('watch.limited', problem.params);
    else this.#logger.info('watch.restored');
    this.#onChanged(this.problems);
  }
}

/** Whether `error` says that the shared folder is not there, or not ours. */
export function isFolderProblem(error: unknown): error is CompartidosError {
  return isCompartidosError(error, 'FOLDER_MISSING') || isCompartidosError(error, 'FOLDER_CHANGED');
}
