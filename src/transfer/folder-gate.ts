import type { CompartidosError, ErrorCode } from '../core/errors.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { LocalIndex } from '../index/local-index.ts';

const CLOSED_BY: ReadonlySet<ErrorCode> = new Set(['FOLDER_MISSING', 'FOLDER_CHANGED']);

/** Closed while the shared folder is missing or another one: then nothing may be written to where it should be. */
export class FolderGate implements Startable {
  #problem: CompartidosError | undefined;
  readonly #remove: () => void;

  /** Listens from now on: to be made before the index is started. */
  constructor(index: LocalIndex) {
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
}
