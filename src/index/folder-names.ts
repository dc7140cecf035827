import { basename, dirname } from 'node:path';
import { isNothingThere } from '../core/file-system.ts';
import type { FileSystem } from '../core/file-system.ts';

/** What folders list, each of which is read once. Lives as long as what was listed may count. */
export class FolderNames {
  readonly #files: Pick<FileSystem, 'readDirectory'>;
  readonly #lists = new Map<string, Promise<ReadonlySet<string> | undefined>>();

  constructor(files: Pick<FileSystem, 'readDirectory'>) {
    this.#files = files;
  }

  /**
   * Whether something has the name at `path`, absolute, as it is spelt: where case does not count, a file that got another
   * spelling answers to its former one, too. Undefined when the system does not tell.
   */
  async has(path: string): Promise<boolean | undefined> {
    const folder = dirname(path);
    const list = this.#lists.get(folder) ?? this.#list(folder);
    this.#lists.set(folder, list);
    return (await list)?.has(basename(path));
  }

  async #list(folder: string): Promise<ReadonlySet<string> | undefined> {
    try {
      return new Set((await this.#files.readDirectory(folder)).map(({ name }) => name));
    } catch (error) {
      return isNothingThere(error) ? new Set() : undefined;
    }
  }
}
