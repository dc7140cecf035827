import type { Catalogue } from '../catalogue/catalogue.ts';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import { isNothingThere } from '../core/file-system.ts';
import type { FileStat, FileSystem } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { parentPath } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { mergeVersions } from '../model/version-vector.ts';
import { FolderFlush } from './folder-flush.ts';

export interface ParentFolderParts {
  readonly fileSystem: FileSystem;
  readonly index: LocalIndex;
  /** The shared folder, absolute. */
  readonly folder: string;
  /** Where what is put into the folders comes from, if it comes from others. */
  readonly catalogue?: Pick<Catalogue, 'at'>;
}

/**
 * Makes the folders that files are to lie in. Each is looked at first: a symbolic link on the way would lead what we
 * write out of the shared folder, and what we write to where a disk was unmounted would be hidden by it when it is back,
 * and count as deleted. Lives as long as one batch.
 */
export class ParentFolders {
  readonly #fileSystem: FileSystem;
  readonly #index: LocalIndex;
  readonly #folder: string;
  readonly #catalogue: ParentFolderParts['catalogue'];
  readonly #ready = new Map<RelativePath, Promise<void>>();
  /** Folders, absolute, in which a name was made. */
  readonly #touched = new Set<string>();
  #verifying: Promise<void> | undefined;

  constructor(parts: ParentFolderParts) {
    this.#fileSystem = parts.fileSystem;
    this.#index = parts.index;
    this.#folder = parts.folder;
    this.#catalogue = parts.catalogue;
  }

  /**
   * Makes what is missing above `path`, in which a name is about to be made.
   * Rejects with NAME_UNSUPPORTED when something that is not a folder is in the way, with OTHER_DISK where a disk was
   * unmounted, and with FOLDER_MISSING or FOLDER_CHANGED where that was the disk of the shared folder.
   */
  async prepare(path: RelativePath): Promise<void> {
    const parent = parentPath(path);
    if (parent) await this.#make(parent);
    this.#touched.add(parent ? this.#index.locate(parent) : this.#folder);
  }

  /** The same for names that somebody else makes durable: resolves with those of `paths` above which it is done. */
  async prepareAll(paths: readonly RelativePath[]): Promise<RelativePath[]> {
    const unfit = new Set<RelativePath | undefined>();
    const make = async (parent: RelativePath | undefined) => {
      if (parent) await this.#make(parent).catch(() => unfit.add(parent));
    };
    await Promise.all([...new Set(paths.map(parentPath))].map(make));
    return paths.filter((path) => !unfit.has(parentPath(path)));
  }

  /**
   * What is above `path` was not there although it was prepared: somebody has removed it meanwhile, and it is made anew the
   * next time. Rejects with FOLDER_MISSING or FOLDER_CHANGED when everything has gone.
   */
  async renew(path: RelativePath): Promise<void> {
    await this.#index.verifyFolder();
    for (let above = parentPath(path); above; above = parentPath(above)) this.#ready.delete(above);
  }

  /** Makes the names in all these folders durable. */
  async sync(): Promise<void> {
    const flush = new FolderFlush(this.#fileSystem);
    await Promise.all([...this.#touched].map((folder) => flush.sync(folder)));
  }

  #make(path: RelativePath): Promise<void> {
    let ready = this.#ready.get(path);
    if (!ready) {
      ready = this.#look(path);
      this.#ready.set(path, ready);
    }
    return ready;
  }

  /** Rejects with FOLDER_MISSING or FOLDER_CHANGED when the shared folder has gone. */
  #verified(): Promise<void> {
    this.#verifying ??= this.#index.verifyFolder();
    return this.#verifying;
  }

  /** All that is above is looked at in one turn. */
  async #look(path: RelativePath): Promise<void> {
    const parent = parentPath(path);
    await Promise.all([this.#lookAt(path), parent && this.#make(parent)]);
  }

  async #lookAt(path: RelativePath): Promise<void> {
    const native = this.#index.locate(path);
    let found: FileStat;
    try {
      found = await this.#fileSystem.lstat(native);
    } catch (error) {
      // Where something further up is no folder, it is found there.
      if (!isNothingThere(error)) throw error;
      // In an empty mount point nothing is made.
      await this.#verified();
      await this.prepare(path);
      const forget = this.#expect(path);
      try {
        await this.#fileSystem.makeDirectory(native);
        return;
      } catch (failure) {
        if (systemErrorCode(failure) !== 'EEXIST') {
          forget();
          throw failure;
        }
        found = await this.#fileSystem.lstat(native);
      }
    }
    if (found.type !== 'directory') {
      throw new CompartidosError('NAME_UNSUPPORTED', { path, reason: 'not-a-folder' });
    }
    if (await this.#isUnmounted(path, native, found)) throw new CompartidosError('OTHER_DISK', { path });
  }

  /** Made here, a folder that others have as well would be an edit of theirs, and come back when they delete it. */
  #expect(path: RelativePath): () => void {
    const there = this.#catalogue?.at(path).map(({ entry }) => entry) ?? [];
    const [folder, ...others] = there.filter(({ type, deleted }) => type === 'directory' && !deleted);
    if (!folder) return () => undefined;
    const version = others.reduce((seen, other) => mergeVersions(seen, other.version), folder.version);
    return this.#index.expect([{ ...folder, version }]);
  }

  /** What was moved to another disk with all that is in it looks the same, but is not empty. */
  async #isUnmounted(path: RelativePath, native: string, stat: FileStat): Promise<boolean> {
    if (!this.#index.isOtherDisk(path, stat)) return false;
    return (await this.#fileSystem.readDirectory(native)).length === 0;
  }
}
