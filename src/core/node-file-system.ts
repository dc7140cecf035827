import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { systemErrorCode } from './errors.ts';
import { isNoDirectorySync, UNSUPPORTED } from './file-system.ts';
import type { DirectoryItem, FileStat, FileSystem, OpenFile } from './file-system.ts';
import { fileStat, fileType, linkTarget, microseconds } from './file-facts.ts';
import { OPEN_FLAGS } from './open-flags.ts';
import { patient } from './patient-call.ts';

// The callback forms cost a third of the CPU time of node:fs/promises, which counts over a million files.
const lstat = promisify(fs.lstat);
const fstat = promisify(fs.fstat);
const readdir = promisify(fs.readdir);
const open = patient(promisify(fs.open));
const close = promisify(fs.close);
const link = patient(promisify(fs.link));
const rename = patient(promisify(fs.rename));
const unlink = patient(promisify(fs.unlink));
const mkdir = patient(promisify(fs.mkdir));
const rmdir = patient(promisify(fs.rmdir));
const readlink = promisify(fs.readlink);
const symlink = promisify(fs.symlink);
const lutimes = patient(promisify(fs.lutimes));
const fchmod = promisify(fs.fchmod);
const ftruncate = promisify(fs.ftruncate);
const fsync = promisify(fs.fsync);
const fdatasync = promisify(fs.fdatasync);
const statfs = promisify(fs.statfs);

/** What link(2) answers where there are no hard links; UNKNOWN in folders that Windows keeps in a cloud. */
const NO_HARD_LINKS = new Set([...UNSUPPORTED, 'EMLINK', 'EINVAL', 'UNKNOWN']);

/** The machine's own file system. */
export class NodeFileSystem implements FileSystem {
  async lstat(path: string): Promise<FileStat> {
    return fileStat(await lstat(path, { bigint: true }));
  }

  async readDirectory(path: string): Promise<DirectoryItem[]> {
    const items = await readdir(path, { withFileTypes: true });
    return items.map((item) => ({ name: item.name, type: fileType(item) }));
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    return new NodeOpenFile(await open(path, OPEN_FLAGS[mode]));
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(from, to);
  }

  async renameNew(from: string, to: string): Promise<void> {
    const { type, mtimeUs } = await this.lstat(from);
    if (type === 'directory') await this.#renameNewDirectory(from, to);
    else if (type === 'symlink') await this.#renameNewLink(from, to, mtimeUs);
    else await this.#renameNewFile(from, to);
  }

  /** The name is taken by a new, empty directory, which rename(2) may replace and Windows may not. */
  async #renameNewDirectory(from: string, to: string): Promise<void> {
    if (process.platform === 'win32') return rename(from, to);
    await mkdir(to);
    try {
      await rename(from, to);
    } catch (error) {
      await rmdir(to).catch(() => undefined);
      throw error;
    }
  }

  /** link(2) follows symbolic links on some systems. */
  async #renameNewLink(from: string, to: string, mtimeUs: number): Promise<void> {
    await symlink(await readlink(from), to);
    await this.setModified(to, mtimeUs);
    await unlink(from);
  }

  async #renameNewFile(from: string, to: string): Promise<void> {
    try {
      await link(from, to);
    } catch (error) {
      if (!NO_HARD_LINKS.has(systemErrorCode(error) ?? '')) throw error;
      return this.#renameUnlessThere(from, to);
    }
    // Where its former name cannot be removed, it has both: the new one may be somebody else's by the time we know.
    await unlink(from).catch(() => undefined);
  }

  /** Only where there are no hard links: a file that appears between the look and the rename is replaced. */
  async #renameUnlessThere(from: string, to: string): Promise<void> {
    if (await exists(to)) {
      throw Object.assign(new Error(`EEXIST: file already exists, rename '${from}' -> '${to}'`), {
        code: 'EEXIST',
      });
    }
    await rename(from, to);
  }

  async unlink(path: string): Promise<void> {
    await unlink(path);
  }

  async makeDirectory(path: string): Promise<void> {
    await mkdir(path);
  }

  async removeDirectory(path: string): Promise<void> {
    await rmdir(path);
  }

  async readLink(path: string): Promise<string> {
    return linkTarget(await readlink(path));
  }

  async symlink(target: string, path: string): Promise<void> {
    await symlink(target, path);
  }

  async setModified(path: string, mtimeUs: number): Promise<void> {
    // Half a µs more, so that neither the double nor what becomes of it below reads back as the µs before.
    await setTimes(path, (mtimeUs + 0.5) / 1e6);
    // Before 1970 some versions of libuv round up and others down.
    if (mtimeUs < 0 && microseconds((await lstat(path, { bigint: true })).mtimeNs) !== mtimeUs) {
      await setTimes(path, (mtimeUs - 0.5) / 1e6);
    }
  }

  async setExecutable(path: string, executable: boolean): Promise<void> {
    if (process.platform === 'win32') return;
    const fd = await open(path, OPEN_FLAGS.read);
    try {
      const { mode } = await fstat(fd);
      // Whoever may read it may run it, as chmod +x under the usual umasks.
      const wanted = executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111;
      if (wanted !== mode) await fchmod(fd, wanted & 0o7777);
    } finally {
      await close(fd);
    }
  }

  async syncDirectory(path: string): Promise<void> {
    try {
      const fd = await open(path, fs.constants.O_RDONLY);
      try {
        await fsync(fd);
      } finally {
        await close(fd);
      }
    } catch (error) {
      if (!isNoDirectorySync(error)) throw error;
    }
  }

  async space(path: string): Promise<{ available: number; total: number }> {
    const { bavail, blocks, bsize } = await statfs(path, { bigint: true });
    return { available: Number(bavail * bsize), total: Number(blocks * bsize) };
  }
}

class NodeOpenFile implements OpenFile {
  #fd: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  get #open(): number {
    if (this.#fd === undefined) throw Object.assign(new Error('EBADF: file is closed'), { code: 'EBADF' });
    return this.#fd;
  }

  async stat(): Promise<FileStat> {
    return fileStat(await fstat(this.#open, { bigint: true }));
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const count = await readAt(this.#open, target, filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  async write(source: Uint8Array | readonly Uint8Array[], position: number): Promise<void> {
    let left = source instanceof Uint8Array ? [source] : source;
    for (let at = position; left.length > 0;) {
      const written = await writeAt(this.#open, left, at);
      at += written;
      left = withoutFirst(left, written);
    }
  }

  async truncate(size: number): Promise<void> {
    await ftruncate(this.#open, size);
  }

  async sync(): Promise<void> {
    await fdatasync(this.#open);
  }

  async close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await close(fd);
  }
}

function readAt(fd: number, target: Uint8Array, offset: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, target, offset, target.length - offset, position, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

function writeAt(fd: number, pieces: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.writev(fd, pieces, position, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

/** What is left of `pieces` after so many bytes. */
function withoutFirst(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = 0;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(piece.length, Math.max(0, bytes - skipped)));
    skipped += piece.length;
    return rest.length > 0 ? rest : [];
  });
}

/** As text, because Node.js takes a negative number for the time now. */
async function setTimes(path: string, seconds: number): Promise<void> {
  await lutimes(path, String(seconds), String(seconds));
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
