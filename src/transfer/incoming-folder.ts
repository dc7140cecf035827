import { join } from 'node:path';
import { systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { PRIVATE_FOLDER } from '../model/relative-path.ts';
import { makePrivateFolder } from './private-folder.ts';

const NAME = 'incoming';
const SUFFIX = '.part';

/** `.compartidos/incoming` inside the shared folder: where files stay until they are whole. */
export class IncomingFolder {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;

  /** `folder` is the shared folder, absolute. */
  constructor(fileSystem: FileSystem, folder: string) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
  }

  /** The temporary file of the download `id`. */
  pathOf(id: string): string {
    return join(this.#folder, PRIVATE_FOLDER, NAME, id + SUFFIX);
  }

  /** Makes the folder if it is missing. */
  async prepare(): Promise<void> {
    await makePrivateFolder(this.#fileSystem, this.#folder, NAME);
  }

  /** Removes what belongs to none of the downloads `known`. */
  async clean(known: ReadonlySet<string>): Promise<void> {
    const incoming = join(this.#folder, PRIVATE_FOLDER, NAME);
    for (const { name, type } of await this.#fileSystem.readDirectory(incoming)) {
      if (type === 'directory' || known.has(name.slice(0, -SUFFIX.length))) continue;
      await this.#fileSystem.unlink(join(incoming, name));
    }
  }

  /** Removes the temporary file of `id` if there is one. */
  async discard(id: string): Promise<void> {
    try {
      await this.#fileSystem.unlink(this.pathOf(id));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
}
