import { CompartidosError, type ErrorCode } from '../core/errors.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { LocalIndex, NameRefusal } from '../index/local-index.ts';
import type { RelativePath } from '../model/relative-path.ts';

const CLOSED_BY: ReadonlySet<ErrorCode> = new Set(['FOLDER_MISSING', 'FOLDER_CHANGED']);

/** Closed while the shared folder is missing or another one: then nothing may be written to where it should be. */
export class FolderGate implements Startable {
  readonly #index: LocalIndex;
  #problem: CompartidosError | undefined;
  readonly #remove: () => void;

  /** Listens from now on: to be made before the index is started. */
  constructor(index: LocalIndex) {
    this.#index = index;
    this.#remove = index.events.on('problem', (problems) => {
      this.#problem = problems.find(({ code }) => CLOSED_BY.has(code));
    });
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#remove();
  }

  get isOpen(): boolean {
    return this.#problem === undefined;
  }

  /** @throws FOLDER_MISSING, FOLDER_CHANGED while it is closed. */
  demandOpen(): void {
    if (this.#problem) throw this.#problem;
  }

  /**
   * A promise only where the disk has to be asked.
   * @throws NAME_UNSUPPORTED when `path` is ignored here, or the disk cannot hold it beside what is there.
   */
  demandFit(path: RelativePath): Promise<void> | undefined {
    const reason = this.#index.refusal(path);
    if (reason instanceof Promise) return reason.then((found) => demandNone(path, found));
    demandNone(path, reason);
    return undefined;
  }
}

function demandNone(path: RelativePath, reason: NameRefusal | undefined): void {
  if (reason) throw new CompartidosError('NAME_UNSUPPORTED', { path, reason });
}
