import type { DirectoryItem, FileStat, FileSystem, OpenFile } from '../../src/core/file-system.ts';

export type FileOperation = keyof FileSystem | Exclude<keyof OpenFile, 'close'>;

/** Another file system, whose operations fail when `trouble` says so. */
export class TroubledFileSystem implements FileSystem {
  /** The error code with which an operation on a path fails, if it does. */
  trouble: (operation: FileOperation, path: string) => string | undefined = () => undefined;
  /** Bytes that are said to be free; undefined: what the other says. */
  available: number | undefined;
  readonly #other: FileSystem;

  constructor(other: FileSystem) {
    this.#other = other;
  }

  async lstat(path: string): Promise<FileStat> {
    this.#check('lstat', path);
    return this.#other.lstat(path);
  }

  async readDirectory(path: string): Promise<DirectoryItem[]> {
    this.#check('readDirectory', path);
    return this.#other.readDirectory(path);
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    this.#check('open', path);
    const file = await this.#other.open(path, mode);
    const checked =
      <Parameters extends unknown[], Result>(
        operation: Exclude<keyof OpenFile, 'close'>,
        run: (...parameters: Parameters) => Promise<Result>,
      ) =>
      async (...parameters: Parameters): Promise<Result> => {
        this.#check(operation, path);
        return run(...parameters);
      };
    return {
      stat: checked('stat', () => file.stat()),
      read: checked('read', (target: Uint8Array, position: number) => file.read(target, position)),
      write: checked('write', (source: Parameters<OpenFile['write']>[0], position: number) =>
        file.write(source, position),
      ),
      truncate: checked('truncate', (size: number) => file.truncate(size)),
      sync: checked('sync', () => file.sync()),
      close: () => file.close(),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.#check('rename', to);
    return this.#other.rename(from, to);
  }

  async renameNew(from: string, to: string): Promise<void> {
    this.#check('renameNew', to);
    return this.#other.renameNew(from, to);
  }

  async unlink(path: string): Promise<void> {
    this.#check('unlink', path);
    return this.#other.unlink(path);
  }

  async makeDirectory(path: string): Promise<void> {
    this.#check('makeDirectory', path);
    return this.#other.makeDirectory(path);
  }

  async removeDirectory(path: string): Promise<void> {
    this.#check('removeDirectory', path);
    return this.#other.removeDirectory(path);
  }

  async readLink(path: string): Promise<string> {
    this.#check('readLink', path);
    return this.#other.readLink(path);
  }

  async symlink(target: string, path: string): Promise<void> {
    this.#check('symlink', path);
    return this.#other.symlink(target, path);
  }

  async setModified(path: string, mtimeUs: number): Promise<void> {
    this.#check('setModified', path);
    return this.#other.setModified(path, mtimeUs);
  }

  async setExecutable(path: string, executable: boolean): Promise<void> {
    this.#check('setExecutable', path);
    return this.#other.setExecutable(path, executable);
  }

  async syncDirectory(path: string): Promise<void> {
    this.#check('syncDirectory', path);
    return this.#other.syncDirectory(path);
  }

  async space(path: string): Promise<{ available: number; total: number }> {
    this.#check('space', path);
    const space = await this.#other.space(path);
    return this.available === undefined ? space : { ...space, available: this.available };
  }

  #check(operation: FileOperation, path: string): void {
    const code = this.trouble(operation, path);
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${operation} ${path}`), { code, path });
  }
}
