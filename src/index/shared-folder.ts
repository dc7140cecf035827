import { dirname, join } from 'node:path';
import { CompartidosError, isCompartidosError, systemErrorCode } from '../core/errors.ts';
import type { FileStat, FileSystem } from '../core/file-system.ts';
import type { Random } from '../core/random.ts';
import { PRIVATE_FOLDER } from '../model/relative-path.ts';

/** Where the id of the folder is remembered; the database is a `FolderMemory`. */
export interface FolderMemory {
  meta(key: string): string | number | undefined;
  setMeta(key: string, value: string | number): void;
}

export const MARKER_FILE = 'marker';
const MARKER_BYTES = 16;
const MARKER = /^[0-9a-f]{32}$/;
const MARKER_KEY = 'folder-marker';
/** No marker of ours is longer. */
const MAX_MARKER_SIZE = 64;

/**
 * Tells our shared folder from an empty mount point or another disk, by a marker in its private folder: files are
 * taken for deleted only while it is there.
 */
export class SharedFolder {
  readonly root: string;
  readonly #files: FileSystem;
  readonly #memory: FolderMemory;
  readonly #random: Random;
  #isCaseBlind: boolean | undefined;

  /** @param root absolute. */
  constructor(root: string, files: FileSystem, memory: FolderMemory, random: Random) {
    this.root = root;
    this.#files = files;
    this.#memory = memory;
    this.#random = random;
  }

  /** Whether it was ever found to be there: only then can it be missing now. */
  get isKnown(): boolean {
    return this.#memory.meta(MARKER_KEY) !== undefined;
  }

  /** Whether it is there and has the marker that is known. False when that cannot be told, too. */
  async isThatKnown(): Promise<boolean> {
    if (!this.isKnown) return false;
    try {
      return (await this.#isRoot()) && (await this.#readMarker()) === this.#memory.meta(MARKER_KEY);
    } catch (error) {
      if (isCompartidosError(error, 'FOLDER_MISSING')) return false;
      throw error;
    }
  }

  /**
   * Makes sure that the folder is there and is ours. At the first start (nothing is indexed) it is made if missing, with
   * what it lies in; a folder that has no marker then, or an empty one, gets one.
   * @throws FOLDER_MISSING, with the `reason`, also when it is there and cannot be used; FOLDER_CHANGED
   */
  async verify(isFirstStart: boolean): Promise<void> {
    const known = this.#memory.meta(MARKER_KEY);
    const isNew = isFirstStart || known === undefined;
    if (!(await this.#isRoot())) {
      if (!isNew) throw this.#unusable('ENOENT');
      await this.#orUnusable(() => this.#makeFolder(this.root));
    }
    const marker = await this.#readMarker();
    // A crash may leave one that is torn: that is none.
    const isWhole = marker !== undefined && MARKER.test(marker);
    if (isWhole && marker === known) return;
    // An empty marker is how people say that this folder is meant to take the place of the former one.
    if (!isNew && marker !== '') {
      throw new CompartidosError('FOLDER_CHANGED', { folder: this.root, marker: this.#markerPath });
    }
    await this.#orUnusable(async () => this.#remember(isWhole ? marker : await this.#writeMarker()));
  }

  /**
   * Whether the disk takes names for the same that differ in case only: it is asked for the private folder's. A promise
   * only until that is known.
   */
  isCaseBlind(): boolean | Promise<boolean> {
    return this.#isCaseBlind ?? this.#learnCase();
  }

  async #learnCase(): Promise<boolean> {
    const other = join(this.root, PRIVATE_FOLDER.toUpperCase());
    this.#isCaseBlind = await this.#orUnusable(async () => (await this.#lookAt(other)) !== undefined);
    return this.#isCaseBlind;
  }

  get #privateFolder(): string {
    return join(this.root, PRIVATE_FOLDER);
  }

  get #markerPath(): string {
    return join(this.#privateFolder, MARKER_FILE);
  }

  /** False when nothing is there. The shared folder itself may be a link to where it lies. */
  async #isRoot(): Promise<boolean> {
    const stat = await this.#orUnusable(() => this.#lookAt(this.root));
    if (stat?.type === 'symlink') {
      const target = await this.#orUnusable(() => this.#lookAt(`${this.root}/.`));
      if (!target) throw this.#unusable('link-invalid');
    } else if (stat && stat.type !== 'directory') throw this.#unusable('ENOTDIR');
    return stat !== undefined;
  }

  /** Undefined when nothing is there. */
  async #lookAt(path: string): Promise<FileStat | undefined> {
    try {
      return await this.#files.lstat(path);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** With what it lies in. */
  async #makeFolder(path: string): Promise<void> {
    try {
      await this.#files.makeDirectory(path);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT' && dirname(path) !== path) {
        await this.#makeFolder(dirname(path));
        await this.#files.makeDirectory(path);
      } else if (code !== 'EEXIST') throw error;
      else if ((await this.#lookAt(path))?.type !== 'directory') throw this.#unusable('not-a-folder', error);
    }
  }

  /** Undefined when there is none. */
  async #readMarker(): Promise<string | undefined> {
    try {
      const file = await this.#files.open(this.#markerPath, 'read');
      try {
        const buffer = new Uint8Array(MAX_MARKER_SIZE);
        const length = await file.read(buffer, 0);
        return Buffer.from(buffer.buffer, 0, length).toString('latin1').trim();
      } finally {
        await file.close();
      }
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT') return undefined;
      if (code === 'ENOTDIR') throw this.#unusable('no-own-folder', error);
      throw this.#unusable(code, error);
    }
  }

  #unusable(reason: string | undefined, cause?: unknown): CompartidosError {
    const params = { folder: this.root, reason: reason ?? String(cause) };
    return new CompartidosError('FOLDER_MISSING', params, { cause });
  }

  async #orUnusable<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw isCompartidosError(error) ? error : this.#unusable(systemErrorCode(error), error);
    }
  }

  async #writeMarker(): Promise<string> {
    const marker = Buffer.from(this.#random.bytes(MARKER_BYTES)).toString('hex');
    await this.#makeFolder(this.#privateFolder);
    await this.#files.unlink(this.#markerPath).catch(() => undefined);
    const file = await this.#files.open(this.#markerPath, 'create');
    try {
      await file.write(Buffer.from(`${marker}\n`), 0);
    } finally {
      await file.close();
    }
    return marker;
  }

  /**
   * Only when it is durable, whoever wrote it: a marker that is known and gone stops everything. After a crash before
   * this there is one that is not known, which the next start takes up.
   */
  async #remember(marker: string): Promise<void> {
    const file = await this.#files.open(this.#markerPath, 'write');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    for (const folder of [this.#privateFolder, this.root]) await this.#files.syncDirectory(folder);
    this.#memory.setMeta(MARKER_KEY, marker);
  }
}
