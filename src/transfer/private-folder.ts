import { join } from 'node:path';
import { systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { PRIVATE_FOLDER } from '../model/relative-path.ts';

/**
 * Makes `.compartidos/NAME` inside the shared folder `folder` (absolute) and returns its path. Rejects with EEXIST when
 * something else is there: through a link, what we move would go to somewhere else. Rejects with ENOENT when there is no
 * `.compartidos`: it is made with the marker of the folder, and a mount point without its disk has none.
 */
export async function makePrivateFolder(
  fileSystem: FileSystem,
  folder: string,
  name: string,
): Promise<string> {
  const own = join(folder, PRIVATE_FOLDER);
  await demandFolder(fileSystem, own);
  const path = join(own, name);
  try {
    await fileSystem.makeDirectory(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    await demandFolder(fileSystem, path);
  }
  return path;
}

async function demandFolder(fileSystem: FileSystem, path: string): Promise<void> {
  const { type } = await fileSystem.lstat(path);
  if (type !== 'directory') throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' });
}
