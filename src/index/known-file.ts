import type { FileStat } from '../core/file-system.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { DOUBT, type LocalFacts } from './entry-store.ts';
import type { FolderDisk } from './folder-disk.ts';
import type { FoundItem } from './found-item.ts';

/**
 * Whether what is on the disk is what is indexed, by its size, times and inode: then nobody reads it. The volume does
 * not count, since many systems number their disks anew at every start.
 */
export function isKnown(facts: LocalFacts | undefined, { path, native, stat }: FoundItem): boolean {
  if (!facts || facts.deleted || facts.type !== stat.type || !facts.disk) return false;
  const { mtimeUs, ctimeUs, inode, nativeName } = facts.disk;
  if (inode !== stat.inode || (nativeName ?? path) !== native) return false;
  // The times of a folder change with everything in it.
  if (stat.type === 'directory') return true;
  if (mtimeUs !== stat.mtimeUs || ctimeUs !== stat.ctimeUs) return false;
  return stat.type !== 'file' || (facts.size === stat.size && facts.hashed);
}

/** The same of all that an entry says: a change of the mode leaves the times as they are within one tick of the kernel's clock. */
export function isUnchanged(
  facts: LocalFacts | undefined,
  item: FoundItem,
  disk: Pick<FolderDisk, 'hasExecutableBit'>,
): boolean {
  return isKnown(facts, item) && (facts?.executable === item.stat.executable || !disk.hasExecutableBit);
}

/**
 * Whether a file that a scan met on a disk without executable bits is what is indexed although the disk shows other facts of
 * it: FAT and exFAT give files other numbers at every mount, and often lose the time of the last change of status then, and
 * cut off that of the content.
 */
export function isShownAnew(facts: LocalFacts | undefined, { path, native, stat }: FoundItem): boolean {
  if (!facts?.disk || facts.deleted || facts.type !== 'file' || stat.type !== 'file') return false;
  const { disk, size, hashed } = facts;
  if (disk.ctimeUs === DOUBT || !hashed || size !== stat.size || (disk.nativeName ?? path) !== native)
    return false;
  if (disk.mtimeUs === stat.mtimeUs && disk.ctimeUs === stat.ctimeUs) return true;
  return stat.ctimeUs === stat.mtimeUs && isTimeHeld(disk.mtimeUs, stat.mtimeUs);
}

/** How the disk spells an indexed path. */
export function nativeOf(facts: LocalFacts): string {
  return facts.disk?.nativeName ?? facts.path;
}

/** µs. What exFAT counts by; FAT counts by two seconds, HFS+ by one. */
const COARSE_TIME = 10_000;
const COARSEST_TIME = 2_000_000;

/**
 * µs. The times that every disk holds: FAT begins with 1980 in the local time, and 32 bits end in January 2038. Beyond
 * them a file gets the first or last time that its disk has.
 */
const FIRST_COMMON_TIME = Date.UTC(1980, 0, 2) * 1000;
const LAST_COMMON_TIME = Date.UTC(2038, 0, 18) * 1000;

/** µs. On Windows, Node.js gives files times in steps of 1.6 µs, and of twice that from 2057 on. */
const FINE_TIME = 2;
/** µs. And it tells the seconds of a file's time there in 32 bits, from 1970 on. */
const TOLD_SPAN = 2 ** 32 * 1_000_000;

/** Whether a file that was given the time `given` may show `shown` where that is not kept exactly; in µs. */
export function isTimeHeld(given: number, shown: number): boolean {
  const difference = Math.abs(given - shown);
  if (difference <= FINE_TIME || Math.abs(difference - TOLD_SPAN) <= FINE_TIME) return true;
  if (shown % COARSE_TIME !== 0) return false;
  if (given < shown) return shown <= FIRST_COMMON_TIME;
  return given - shown < COARSEST_TIME || shown >= LAST_COMMON_TIME;
}

/** Whether what lies on the disk may be the file of an entry: it has its size, and its time as far as the disk holds it. */
export function isFileOf({ size, mtimeUs }: Pick<FileStat, 'size' | 'mtimeUs'>, stat: FileStat): boolean {
  return stat.type === 'file' && stat.size === size && isTimeHeld(mtimeUs, stat.mtimeUs);
}

/** How the disk spells `path`; of a part that is not indexed, as it is. */
export function nativePath(path: RelativePath, nameOf: (path: RelativePath) => string | undefined): string {
  // In ASCII there is but one way to write a name.
  if (/^[\0-\x7f]*$/.test(path)) return path;
  const known = nameOf(path);
  if (known !== undefined) return known;
  const slash = path.lastIndexOf('/');
  if (slash < 0) return path;
  return `${nativePath(path.slice(0, slash) as RelativePath, nameOf)}${path.slice(slash)}`;
}
