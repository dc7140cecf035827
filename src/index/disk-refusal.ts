import { dirname } from 'node:path';
import type { FileSystem } from '../core/file-system.ts';
import { hasCaseTwin, nameProblem, type NameProblem } from '../model/portable-name.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { FolderDisk } from './folder-disk.ts';
import type { SharedFolder } from './shared-folder.ts';
import { statIfThere } from './stat-if-there.ts';

/**
 * Why the disk cannot hold something new at `path`, `native` on the disk (absolute), or undefined when it can. A promise only
 * where the disk has to be asked.
 */
export function diskRefusal(
  path: RelativePath,
  native: string,
  files: FileSystem,
  shared: Pick<SharedFolder, 'isCaseBlind'>,
  disk: Pick<FolderDisk, 'hasAllNames'>,
): NameProblem | undefined | Promise<'twin' | undefined> {
  // The drivers of Linux for FAT and exFAT open a file by its short name, too, and without the dots at the end of its name.
  const problem = nameProblem(path, disk.hasAllNames ? process.platform : 'win32');
  if (problem) return problem;
  const isCaseBlind = shared.isCaseBlind();
  return isCaseBlind === false ? undefined : twinRefusal(path, native, files, isCaseBlind);
}

async function twinRefusal(
  path: RelativePath,
  native: string,
  files: FileSystem,
  isCaseBlind: boolean | Promise<boolean>,
): Promise<'twin' | undefined> {
  if (!(await isCaseBlind) || !(await statIfThere(files, native))) return undefined;
  const items = await files.readDirectory(dirname(native)).catch(() => []);
  const names = items.map(({ name }) => name);
  // Something answers to the name, but is it spelt so?
  return hasCaseTwin(path, names) ? 'twin' : undefined;
}
