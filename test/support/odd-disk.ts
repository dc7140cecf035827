import { basename, dirname, join } from 'node:path';
import type { DirectoryItem, FileStat, FileSystem, OpenFile } from '../../src/core/file-system.ts';

/** In what a disk differs from those that hold everything. */
export interface Oddity {
  /** Every file shows this, and nobody can change it. */
  readonly executable?: boolean;
  /** µs. What times are counted in. */
  readonly timeStep?: number;
  /** µs. The same, but only from the next time on that it is mounted. */
  readonly storedTimeStep?: number;
  /** There is no time of the last change of status but that of the content: always, or once it is mounted anew. */
  readonly changeTimes?: 'none' | 'not stored';
  /** Files get other numbers each time that it is mounted. */
  readonly numbersAnew?: boolean;
  /** What making a name that Windows does not allow answers. */
  readonly nameRefusal?: string;
  /** A file answers to every spelling of its name. */
  readonly caseBlind?: boolean;
}

/**
 * Another file system, as FAT, exFAT or NTFS show theirs through the drivers of Linux. `mountAnew` is what pulling the
 * stick out and putting it back in comes to.
 */
export class OddDisk implements FileSystem {
  readonly #other: FileSystem;
  readonly #oddity: Oddity;
  #mounts = 0;
  #mountedAt = -Infinity;

  constructor(other: FileSystem, oddity: Oddity) {
    this.#other = other;
    this.#oddity = oddity;
  }

  /** @param now µs since the Unix epoch: what was changed before shows what is stored of it. */
  mountAnew(now: number): void {
    this.#mounts += 1;
    this.#mountedAt = now;
  }

  async lstat(path: string): Promise<FileStat> {
    try {
      return this.#shown(await this.#other.lstat(path));
    } catch (error) {
      const spelt = this.#oddity.caseBlind ? await this.#otherSpelling(path) : undefined;
      if (spelt === undefined) throw error;
      return this.#shown(await this.#other.lstat(spelt));
    }
  }

  readDirectory(path: string): Promise<DirectoryItem[]> {
    return this.#other.readDirectory(path);
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    if (mode === 'create') this.#check(path);
    const file = await this.#other.open(path, mode);
    return {
      stat: async () => this.#shown(await file.stat()),
      read: (target, position) => file.read(target, position),
      write: (source, position) => file.write(source, position),
      truncate: (size) => file.truncate(size),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  }

  rename(from: string, to: string): Promise<void> {
    this.#check(to);
    return this.#other.rename(from, to);
  }

  renameNew(from: string, to: string): Promise<void> {
    this.#check(to);
    return this.#other.renameNew(from, to);
  }

  unlink(path: string): Promise<void> {
    return this.#other.unlink(path);
  }

  makeDirectory(path: string): Promise<void> {
    this.#check(path);
    return this.#other.makeDirectory(path);
  }

  removeDirectory(path: string): Promise<void> {
    return this.#other.removeDirectory(path);
  }

  readLink(path: string): Promise<string> {
    return this.#other.readLink(path);
  }

  symlink(target: string, path: string): Promise<void> {
    return this.#other.symlink(target, path);
  }

  setModified(path: string, mtimeUs: number): Promise<void> {
    return this.#other.setModified(path, mtimeUs);
  }

  async setExecutable(path: string, executable: boolean): Promise<void> {
    if (this.#oddity.executable === undefined) await this.#other.setExecutable(path, executable);
  }

  syncDirectory(path: string): Promise<void> {
    return this.#other.syncDirectory(path);
  }

  space(path: string): Promise<{ available: number; total: number }> {
    return this.#other.space(path);
  }

  async #otherSpelling(path: string): Promise<string | undefined> {
    const items = await this.#other.readDirectory(dirname(path));
    const found = items.find(({ name }) => name.toLowerCase() === basename(path).toLowerCase());
    return found && join(dirname(path), found.name);
  }

  #shown(stat: FileStat): FileStat {
    const { executable, timeStep = 1, storedTimeStep = 1, changeTimes, numbersAnew } = this.#oddity;
    const isStored = stat.ctimeUs < this.#mountedAt;
    const step = isStored ? Math.max(timeStep, storedTimeStep) : timeStep;
    const mtimeUs = Math.floor(Math.floor(stat.mtimeUs / step) * step);
    const hasChangeTime = changeTimes === undefined || (changeTimes === 'not stored' && !isStored);
    const renumbered = (number: string) => (numbersAnew ? `${number}${this.#mounts}` : number);
    return {
      ...stat,
      mtimeUs,
      ctimeUs: hasChangeTime ? stat.ctimeUs : mtimeUs,
      inode: renumbered(stat.inode),
      volume: renumbered(stat.volume),
      executable: stat.type === 'file' && (executable ?? stat.executable),
    };
  }

  #check(path: string): void {
    const code = this.#oddity.nameRefusal;
    if (code === undefined || !/[<>:"|?*\\]/.test(path)) return;
    throw Object.assign(new Error(`${code}: ${path}`), { code });
  }
}
