import type { FileStat } from '../core/file-system.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { DOUBT, type LocalFacts } from './entry-store.ts';
import type { FolderDisk } from './folder-disk.ts';
import type { FoundItem } from './found-item.ts';
import { isTimeHeld } from './held-time.ts';

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

/** Whether the disk shows of a file what it showed when that was indexed, read to its end or not, as far as it keeps it. */
export function isShownAsBefore(
  facts: LocalFacts | undefined,
  { size, mtimeUs, ctimeUs, inode }: FileStat,
  { hasExecutableBit }: Pick<FolderDisk, 'hasExecutableBit'>,
): boolean {
  const disk = facts?.disk;
  if (!disk || facts.size !== size) return false;
  if (!hasExecutableBit) return isTimeHeld(disk.mtimeUs, mtimeUs);
  return disk.mtimeUs === mtimeUs && disk.ctimeUs === ctimeUs && disk.inode === inode;
}

/** How the disk spells an indexed path. */
export function nativeOf(facts: LocalFacts): string {
  return facts.disk?.nativeName ?? facts.path;
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
