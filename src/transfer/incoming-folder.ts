import { join, sep } from 'node:path';
import { isCompartidosError, systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { PRIVATE_FOLDER } from '../model/relative-path.ts';
import { makePrivateFolder } from './private-folder.ts';

const NAME = 'incoming';
const SUFFIX = '.part';

/** `.compartidos/incoming` inside the shared folder: where files stay until they are whole. */
export class IncomingFolder {
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly #fileSystem: FileSystem;
  readonly #incoming: string;
  #isSound = false;

  constructor(fileSystem: FileSystem, folder: string) {
    this.#fileSystem = fileSystem;
    this.folder = folder;
    this.#incoming = join(folder, PRIVATE_FOLDER, NAME);
  }

  /** The temporary file of the download `id`. */
  pathOf(id: string): string {
    return this.#incoming + sep + id + SUFFIX;
  }

  /**
   * Makes the folder if it is missing. Rejects with ENOENT when the shared folder is missing, or has no marker, and with
   * DISK_ERROR when something else is in its place.
   */
  async prepare(): Promise<void> {
    this.#isSound = false;
    await makePrivateFolder(this.#fileSystem, this.folder, NAME);
    this.#isSound = true;
  }

  /** Whether it was found to be a folder, and nothing has failed since. */
  get isSound(): boolean {
    return this.#isSound;
  }

  /** Something failed that came here, or was on its way from here: resolves when it is not for want of this folder. */
  async failed(error: unknown): Promise<void> {
    if (systemErrorCode(error) === undefined || isCompartidosError(error)) return;
    this.#isSound = false;
    if (systemErrorCode(error) === 'ENOTDIR') await this.prepare();
  }

  /** Removes what belongs to none of the downloads `known`. */
  async clean(known: ReadonlySet<string>): Promise<void> {
    for (const { name, type } of await this.#fileSystem.readDirectory(this.#incoming)) {
      if (type === 'directory' || known.has(name.slice(0, -SUFFIX.length))) continue;
      await this.#fileSystem.unlink(join(this.#incoming, name));
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
