import { systemErrorCode } from './errors.ts';

/**
 * The file operations that the agent uses, with Node's error codes (`ENOENT`, `ENOSPC`…). Paths are absolute
 * and native. `node-file-system.ts` is the real one; the simulator has one that can crash and fill up.
 */
export interface FileSystem {
  /** Facts about `path` itself; a symbolic link is not followed. Rejects with ENOENT. */
  lstat(path: string): Promise<FileStat>;
  /** Names in a directory with their types, in no particular order. */
  readDirectory(path: string): Promise<DirectoryItem[]>;
  /**
   * `create` makes the file with the mode that the user's mask gives new files, and fails with EEXIST if it is there.
   * Symbolic links are refused.
   */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile>;
  /** Atomic; replaces an existing file. */
  rename(from: string, to: string): Promise<void>;
  /**
   * Atomic; fails with EEXIST when `to` exists, so that no race can replace a file; but on a disk without hard links, as FAT
   * and exFAT, a file that appears in the very moment is replaced. A file keeps the name `from` as well where that cannot
   * be removed.
   */
  renameNew(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  /** Fails with ENOTEMPTY when it is not empty. */
  removeDirectory(path: string): Promise<void>;
  readLink(path: string): Promise<string>;
  symlink(target: string, path: string): Promise<void>;
  /** Sets the modification time, in µs since the Unix epoch, of `path` itself. */
  setModified(path: string, mtimeUs: number): Promise<void>;
  setExecutable(path: string, executable: boolean): Promise<void>;
  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes that an ordinary user may still write, and the size of the file system, in bytes. */
  space(path: string): Promise<{ available: number; total: number }>;
}

/** What file systems answer to what they do not know, as FAT links and modes; on Windows EISDIR, whatever it is about. */
export const UNSUPPORTED: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EISDIR',
]);

/** Whether an operation failed because the file system does not know it. */
export function isUnsupported(error: unknown): boolean {
  return UNSUPPORTED.has(systemErrorCode(error) ?? '');
}

/** What opening or flushing a directory answers where that is not done: Windows, some network file systems. */
const NO_DIRECTORY_SYNC = new Set(['EPERM', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EOPNOTSUPP', 'EBADF']);

/** Whether a directory could not be flushed because that is not done here. */
export function isNoDirectorySync(error: unknown): boolean {
  return NO_DIRECTORY_SYNC.has(systemErrorCode(error) ?? '');
}

/** Whether an operation failed because nothing is at its path: also where something further up is no folder. */
export function isNothingThere(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export type FileType = 'file' | 'directory' | 'symlink' | 'other';

export interface DirectoryItem {
  readonly name: string;
  readonly type: FileType;
}

export interface FileStat {
  readonly type: FileType;
  /** Bytes. */
  readonly size: number;
  /** µs since the Unix epoch, rounded down. */
  readonly mtimeUs: number;
  /** µs since the Unix epoch, rounded down. */
  readonly ctimeUs: number;
  /** Inode and device as decimal text: they do not fit a number everywhere. */
  readonly inode: string;
  readonly volume: string;
  readonly executable: boolean;
  /** How many names it has. */
  readonly links: number;
}

/** An open file. `close` is idempotent. */
export interface OpenFile {
  stat(): Promise<FileStat>;
  /** Fills `target` from `position` (bytes) and returns how many bytes there were: fewer only at the end. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** Writes all of `source`, which may be in pieces, at `position` (bytes). */
  write(source: Uint8Array | readonly Uint8Array[], position: number): Promise<void>;
  truncate(size: number): Promise<void>;
  /** Makes the content durable (fdatasync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}
