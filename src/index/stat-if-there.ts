import { isNothingThere } from '../core/file-system.ts';
import type { FileStat, FileSystem } from '../core/file-system.ts';

/** What is at `path`, absolute; undefined when nothing is, or a folder above is none. */
export async function statIfThere(files: FileSystem, path: string): Promise<FileStat | undefined> {
  try {
    return await files.lstat(path);
  } catch (error) {
    if (isNothingThere(error)) return undefined;
    throw error;
  }
}
