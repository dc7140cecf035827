import { isNothingThere } from '../core/file-system.ts';
import type { FileSystem } from '../core/file-system.ts';

/** Makes the names in folders durable, each once for all who ask. Lives as long as no more names change. */
export class FolderFlush {
  readonly #fileSystem: Pick<FileSystem, 'syncDirectory'>;
  readonly #flushed = new Map<string, Promise<void>>();

  constructor(fileSystem: Pick<FileSystem, 'syncDirectory'>) {
    this.#fileSystem = fileSystem;
  }

  /** `folder`: absolute. */
  async sync(folder: string): Promise<void> {
    const flushed = this.#flushed.get(folder) ?? this.#flush(folder);
    this.#flushed.set(folder, flushed);
    await flushed;
  }

  async #flush(folder: string): Promise<void> {
    try {
      await this.#fileSystem.syncDirectory(folder);
    } catch (error) {
      // Somebody has removed it since, and the names with it.
      if (!isNothingThere(error)) throw error;
    }
  }
}
