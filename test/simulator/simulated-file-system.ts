import type { DirectoryItem, FileStat, FileSystem, OpenFile } from '../../src/core/file-system.ts';
import { demandRight, type Wish } from './disk-rights.ts';
import { diskError } from './disk-tree.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { DiskNode } from './disk-node.ts';

/** What becomes of one operation: it is done, or fails with a code; before or after that, time passes. */
export interface OperationFate {
  readonly code?: string;
  /** ms. */
  readonly before: number;
  readonly after: number;
}

export const AT_ONCE: OperationFate = { before: 0, after: 0 };

export type Operation =
  'look' | 'read' | 'write' | 'create' | 'name' | 'remove' | 'attribute' | 'flush' | 'space';

export interface FileSystemParts {
  readonly disk: SimulatedDisk;
  /** Asked for each operation. */
  readonly fate: (operation: Operation, path: string) => OperationFate;
  /** Resolves after so many ms; never, when the process is killed meanwhile. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Whether the process goes on. What it asks for afterwards is not done and never answered. */
  readonly isAlive: () => boolean;
  /** The last name of a file is about to be removed. */
  readonly onLost?: (path: string, node: DiskNode) => void;
  /** A name was given to what was not new. */
  readonly onNamed?: (path: string, node: DiskNode) => void;
}

/** The file system as a process on a simulated machine sees it. */
export class SimulatedFileSystem implements FileSystem {
  readonly #parts: FileSystemParts;
  readonly #disk: SimulatedDisk;

  constructor(parts: FileSystemParts) {
    this.#parts = parts;
    this.#disk = parts.disk;
  }

  lstat(path: string): Promise<FileStat> {
    return this.#at('look', 'look', path, () => this.#disk.stat(path));
  }

  readDirectory(path: string): Promise<DirectoryItem[]> {
    return this.#at('look', 'read', path, () => this.#disk.list(path));
  }

  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    return this.#at(mode === 'create' ? 'create' : 'look', mode === 'create' ? 'name' : 'read', path, () => {
      const node = mode === 'create' ? this.#disk.create(path, 'agent') : this.#disk.file(path);
      if (node.type === 'directory' && mode === 'write') throw diskError('EISDIR', path);
      node.opens += 1;
      return this.#handle(node, path, mode === 'read');
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#at('name', 'name', to, () => {
      demandRight(this.#disk.root, from, 'name');
      this.#disk.rename(from, to, 'agent');
      this.#parts.onNamed?.(to, this.#disk.find(to)!);
    });
  }

  async renameNew(from: string, to: string): Promise<void> {
    const { type } = await this.lstat(from);
    if (type === 'directory') {
      await this.#at('name', 'name', to, () => {
        if (this.#disk.find(to)) throw diskError('EEXIST', to);
        this.#disk.rename(from, to, 'agent');
      });
      return;
    }
    await this.#at('name', 'name', to, () => {
      demandRight(this.#disk.root, from, 'name');
      this.#disk.link(from, to, 'agent');
      this.#parts.onNamed?.(to, this.#disk.find(to)!);
    });
    await this.#at('name', 'name', from, () => this.#disk.unlink(from, 'agent'));
  }

  unlink(path: string): Promise<void> {
    return this.#at('remove', 'name', path, () => {
      const node = this.#disk.find(path);
      if (node?.links === 1) this.#parts.onLost?.(path, node);
      this.#disk.unlink(path, 'agent');
    });
  }

  makeDirectory(path: string): Promise<void> {
    return this.#at('create', 'name', path, () => this.#disk.makeDirectory(path, 'agent'));
  }

  removeDirectory(path: string): Promise<void> {
    return this.#at('remove', 'name', path, () => this.#disk.removeDirectory(path, 'agent'));
  }

  readLink(path: string): Promise<string> {
    return this.#at('look', 'look', path, () => this.#disk.readLink(path));
  }

  symlink(target: string, path: string): Promise<void> {
    return this.#at('create', 'name', path, () => this.#disk.symlink(target, path, 'agent'));
  }

  setModified(path: string, mtimeUs: number): Promise<void> {
    return this.#at('attribute', 'look', path, () => this.#disk.setModified(path, mtimeUs, 'agent'));
  }

  setExecutable(path: string, executable: boolean): Promise<void> {
    return this.#at('attribute', 'look', path, () => this.#disk.setExecutable(path, executable, 'agent'));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#at('flush', 'look', path, () => this.#disk.flushDirectory(path));
  }

  space(path: string): Promise<{ available: number; total: number }> {
    return this.#at('space', 'look', path, () => this.#disk.space());
  }

  #handle(node: DiskNode, path: string, isReadOnly: boolean): OpenFile {
    const disk = this.#disk;
    let isOpen = true;
    const demandOpen = (toWrite = false) => {
      if (!isOpen || (toWrite && isReadOnly)) throw diskError('EBADF', path);
    };
    return {
      stat: () =>
        this.#do('look', path, () => {
          demandOpen();
          return disk.statOf(node);
        }),
      read: (target, position) =>
        this.#do('read', path, () => {
          demandOpen();
          if (node.type === 'directory') throw diskError('EISDIR', path);
          const bytes = node.data.subarray(position, position + target.length);
          target.set(bytes);
          return bytes.length;
        }),
      write: (source, position) =>
        this.#do('write', path, () => {
          demandOpen(true);
          const bytes = source instanceof Uint8Array ? source : Buffer.concat(source);
          disk.write(node, path, bytes, position, 'agent');
        }),
      truncate: (size) =>
        this.#do('write', path, () => {
          demandOpen(true);
          disk.truncate(node, path, size, 'agent');
        }),
      sync: () =>
        this.#do('flush', path, () => {
          demandOpen();
          disk.flush(node);
        }),
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        if (this.#parts.isAlive()) disk.close(node);
      },
    };
  }

  /** What is done by a path. What is open stays so, whatever becomes of rights. */
  #at<Result>(operation: Operation, wish: Wish, path: string, work: () => Result): Promise<Result> {
    return this.#do(operation, path, () => {
      demandRight(this.#disk.root, path, wish);
      return work();
    });
  }

  async #do<Result>(operation: Operation, path: string, work: () => Result): Promise<Result> {
    if (!this.#parts.isAlive()) return never();
    const { code, before, after } = this.#parts.fate(operation, path);
    // The fate may be that it does not live to see it.
    if (!this.#parts.isAlive()) return never();
    if (before > 0) await this.#parts.sleep(before);
    if (code !== undefined) throw diskError(code, path);
    const result = work();
    if (after > 0) await this.#parts.sleep(after);
    return result;
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
