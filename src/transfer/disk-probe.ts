import type { CompartidosError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { DiskSpace } from './disk-space.ts';
import type { Download } from './download.ts';
import type { FolderGate } from './folder-gate.ts';
import type { IncomingFolder } from './incoming-folder.ts';

export interface DiskProbeParts {
  readonly fileSystem: FileSystem;
  readonly incoming: IncomingFolder;
  readonly space: DiskSpace;
  readonly gate: FolderGate;
  readonly index: Pick<LocalIndex, 'verifyFolder'>;
}

/** The name of a file that is written to see whether that works; no download has it. */
const PROBE = 'probe';

/** Finds out whether the disk's trouble is over. */
export class DiskProbe {
  readonly #fileSystem: FileSystem;
  readonly #incoming: IncomingFolder;
  readonly #space: DiskSpace;
  readonly #gate: FolderGate;
  readonly #index: Pick<LocalIndex, 'verifyFolder'>;

  constructor(parts: DiskProbeParts) {
    this.#fileSystem = parts.fileSystem;
    this.#incoming = parts.incoming;
    this.#space = parts.space;
    this.#gate = parts.gate;
    this.#index = parts.index;
  }

  /** Whether it is worth letting `download`, which met `error`, go on. */
  async recovered(error: CompartidosError, download: Download): Promise<boolean> {
    try {
      this.#gate.demandOpen();
      await this.#index.verifyFolder();
      if (error.code === 'DISK_FULL') {
        const missing = Math.max(0, download.size - download.bytes);
        if ((await this.#space.free()) < missing) return false;
      }
      await this.#write();
      return true;
    } catch {
      return false;
    }
  }

  async #write(): Promise<void> {
    await this.#incoming.prepare();
    await this.#incoming.discard(PROBE);
    const file = await this.#fileSystem.open(this.#incoming.pathOf(PROBE), 'create');
    try {
      await file.write(Buffer.from(PROBE), 0);
      await file.sync();
    } finally {
      await file.close();
      await this.#incoming.discard(PROBE);
    }
  }
}
