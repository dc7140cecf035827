import type { BigIntStats, Dirent } from 'node:fs';
import type { FileStat, FileType } from './file-system.ts';

const OWNER_EXECUTES = 0o100n;

/** The facts in what Node.js says of a file. */
export function fileStat(stat: BigIntStats): FileStat {
  const type = fileType(stat);
  return {
    type,
    size: Number(stat.size),
    mtimeUs: microseconds(stat.mtimeNs),
    ctimeUs: microseconds(stat.ctimeNs),
    inode: String(stat.ino),
    volume: String(stat.dev),
    links: Number(stat.nlink),
    executable: type === 'file' && process.platform !== 'win32' && (stat.mode & OWNER_EXECUTES) !== 0n,
  };
}

/** What Node.js says that something is. */
export function fileType(item: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileType {
  if (item.isFile()) return 'file';
  if (item.isDirectory()) return 'directory';
  return item.isSymbolicLink() ? 'symlink' : 'other';
}

/** What a link says, with `/` between folders: Windows makes a `\` of each. */
export function linkTarget(said: string, platform: string = process.platform): string {
  return platform === 'win32' ? said.replaceAll('\\', '/') : said;
}

/**
 * Whole µs of a time in ns. Rounds down, also before 1970: BigInt division rounds towards zero. Beyond the years 1684 to 2255 it is the nearest time
 * that a number holds exactly.
 */
export function microseconds(nanoseconds: bigint): number {
  const exact = Number((nanoseconds - (((nanoseconds % 1000n) + 1000n) % 1000n)) / 1000n);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(exact, Number.MAX_SAFE_INTEGER));
}
