import { isNothingThere } from '../core/file-system.ts';
import type { FileStat, FileSystem } from '../core/file-system.ts';

/** What is at `path`, absolute; undefined when nothing is, or a folder above is none. */
export function statIfThere(files: FileSystem, path: string): Promise<FileStat | undefined> {
  return files.lstat(path).catch(orNothing);
}

function orNothing(error: unknown): undefined {
  if (!isNothingThere(error)) throw error;
}
