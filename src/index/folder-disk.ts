import { join } from 'node:path';
import { systemErrorCode } from '../core/errors.ts';
import { isUnsupported } from '../core/file-system.ts';
import type { FileStat, FileSystem } from '../core/file-system.ts';
import { PRIVATE_FOLDER } from '../model/relative-path.ts';
import type { LocalFacts } from './entry-store.ts';
import { MARKER_FILE, type FolderMemory } from './shared-folder.ts';
import { SqliteError } from './sqlite.ts';

/** The number of the disk of the shared folder when all folders on it were recorded. */
const VOLUME_KEY = 'folder-volume';
const PROBE = 'probe';
/** With what neither Windows nor a file system of its allows. */
const ODD_PROBE = `${PROBE}?`;
/** What making a file answers where its name is not allowed. */
const NAME_REFUSED = new Set(['ENOENT', 'EINVAL', 'EPERM', 'EACCES', 'EILSEQ']);
/** What the disk of the shared folder holds of files, found out by trying: FAT, exFAT and NTFS hold less than others. */
export class FolderDisk {
  readonly #folder: string;
  readonly #files: FileSystem;
  readonly #memory: FolderMemory;
  #hasExecutableBit = process.platform !== 'win32';
  #hasAllNames = true;
  #volume: string | undefined;
  /** The number of the disk that this was found out of. */
  #learned: string | undefined;

  /** @param root the shared folder, absolute. */
  constructor(root: string, files: FileSystem, memory: FolderMemory) {
    this.#folder = join(root, PRIVATE_FOLDER);
    this.#files = files;
    this.#memory = memory;
  }

  /** Without one, what an entry says of it stays as it is, whatever the disk shows. */
  get hasExecutableBit(): boolean {
    return this.#hasExecutableBit;
  }

  /** Whether it holds names with characters that Windows does not allow. */
  get hasAllNames(): boolean {
    return this.#hasAllNames;
  }

  /** To be called when the folder has been found, perhaps on another disk. What cannot be found out stays as it was. */
  async learn(): Promise<void> {
    const probe = join(this.#folder, PROBE);
    const odd = join(this.#folder, ODD_PROBE);
    try {
      this.#volume = (await this.#files.lstat(this.#folder)).volume;
      if (this.#learned === this.#volume) return;
      if ((await this.#refusalOf(probe)) !== undefined) return await this.#learnByLooking();
      this.#hasAllNames = !NAME_REFUSED.has((await this.#refusalOf(odd)) ?? '');
      if (process.platform !== 'win32') this.#hasExecutableBit = await this.#keepsModes(probe);
      this.#learned = this.#volume;
    } catch {
      // The disk has just gone, or fails: it is found again, or shows so by itself.
    } finally {
      for (const path of [probe, odd]) await this.#files.unlink(path).catch(() => undefined);
    }
  }

  /**
   * Whether a folder is another one than it was, on another disk: something was mounted or unmounted there. When the disk
   * of the shared folder itself was mounted anew, perhaps under another number, what lies on it still does.
   */
  isOtherFolder(facts: LocalFacts | undefined, stat: FileStat): boolean {
    if (!facts?.disk || facts.deleted || facts.type !== 'directory') return false;
    const { volume, inode } = facts.disk;
    if (volume === stat.volume || inode === stat.inode) return false;
    return volume !== this.#memory.meta(VOLUME_KEY) || stat.volume !== this.#volume;
  }

  /** Whether the disk has another number than all folders are known to be recorded with. */
  get isRenumbered(): boolean {
    return this.#volume !== undefined && this.#memory.meta(VOLUME_KEY) !== this.#volume;
  }

  /** A scan has found all folders. `flush` records what it found: a crash before that must not make them others. */
  scanned(flush: () => void): void {
    try {
      if (!this.isRenumbered) return;
      flush();
      this.#memory.setMeta(VOLUME_KEY, this.#volume!);
    } catch (error) {
      // A disk that is full or fails: the next scan does it.
      if (!(error instanceof SqliteError)) throw error;
    }
  }

  /** With which code making a file fails, if it does. */
  async #refusalOf(path: string): Promise<string | undefined> {
    await this.#files.unlink(path).catch(() => undefined);
    try {
      await (await this.#files.open(path, 'create')).close();
      return undefined;
    } catch (error) {
      return systemErrorCode(error) ?? 'INTERNAL';
    }
  }

  async #keepsModes(path: string): Promise<boolean> {
    for (const executable of [true, false]) {
      try {
        await this.#files.setExecutable(path, executable);
      } catch (error) {
        if (isUnsupported(error)) return false;
        throw error;
      }
      if ((await this.#files.lstat(path)).executable !== executable) return false;
    }
    return true;
  }

  /** On a disk that is read-only: nobody has made the marker executable, but where there are no modes all files may be. */
  async #learnByLooking(): Promise<void> {
    if ((await this.#files.lstat(join(this.#folder, MARKER_FILE))).executable) this.#hasExecutableBit = false;
  }
}
