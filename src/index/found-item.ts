import { join, sep } from 'node:path';
import type { FileStat, FileType } from '../core/file-system.ts';
import type { LinkProblem } from '../model/link-target.ts';
import type { PathProblem, RelativePath } from '../model/relative-path.ts';
import type { DiskFacts } from './entry-table.ts';

/** A folder below the shared one, or the shared folder itself: then without a path, and with an empty `native`. */
export interface FolderPlace {
  readonly path: RelativePath | undefined;
  /** The path below the shared folder as the disk spells it. */
  readonly native: string;
}

export const TOP: FolderPlace = { path: undefined, native: '' };

/** A name on the disk that can be shared. */
export interface NamedItem {
  readonly path: RelativePath;
  readonly native: string;
  readonly type: FileType;
}

/** The same, with its facts. */
export interface FoundItem {
  readonly path: RelativePath;
  readonly native: string;
  readonly stat: FileStat;
}

/**
 * Why something in the shared folder is not shared. `twin`: another name is the same in NFC. `special`: a pipe, a
 * socket or a device. `file-too-large`: no entry can describe it. `unreadable`: the system does not let us.
 */
export type SkipReason = PathProblem | LinkProblem | 'twin' | 'special' | 'file-too-large' | 'unreadable';

/** Where `native`, a path below `root`, lies. */
export function absolutePath(root: string, native: string): string {
  if (native === '') return root;
  // What `join` makes of it, which takes its arguments apart letter by letter: a dozen times for each file.
  return sep === '/' && !root.endsWith('/') ? `${root}/${native}` : join(root, native);
}

export function childOf(folder: FolderPlace, name: string): string {
  return folder.native === '' ? name : `${folder.native}/${name}`;
}

/** What is called `name` on the disk; `pathProblem` says whether it can be shared. */
export function pathIn(folder: FolderPlace, name: string): RelativePath {
  return childOf({ ...folder, native: folder.path ?? '' }, name).normalize('NFC') as RelativePath;
}

/** What is recorded of an item beside its entry. */
export function diskFacts({ path, native, stat }: FoundItem): DiskFacts {
  const { mtimeUs, ctimeUs, inode, volume } = stat;
  return { mtimeUs, ctimeUs, inode, volume, nativeName: native === path ? undefined : native };
}
