import { join } from 'node:path';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { PRIVATE_FOLDER } from '../model/relative-path.ts';

/**
 * Makes `.compartidos/NAME` inside the shared folder `folder` (absolute) and returns its path. Rejects with DISK_ERROR when
 * something else is there: through a link, what we move would go to somewhere else. Rejects with ENOENT when there is no
 * `.compartidos`: it is made with the marker of the folder, and a mount point without its disk has none.
 */
export async function makePrivateFolder(
  fileSystem: FileSystem,
  folder: string,
  name: string,
): Promise<string> {
  await demandFolder(fileSystem, join(folder, PRIVATE_FOLDER), PRIVATE_FOLDER);
  const path = join(folder, PRIVATE_FOLDER, name);
  try {
    await fileSystem.makeDirectory(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    await demandFolder(fileSystem, path, `${PRIVATE_FOLDER}/${name}`);
  }
  return path;
}

/** Rejects as `makePrivateFolder` does, and with ENOENT when there is no `.compartidos/NAME` either. */
export async function demandPrivateFolder(
  fileSystem: FileSystem,
  folder: string,
  name: string,
): Promise<void> {
  await demandFolder(fileSystem, join(folder, PRIVATE_FOLDER), PRIVATE_FOLDER);
  await demandFolder(fileSystem, join(folder, PRIVATE_FOLDER, name), `${PRIVATE_FOLDER}/${name}`);
}

async function demandFolder(fileSystem: FileSystem, native: string, path: string): Promise<void> {
  const { type } = await fileSystem.lstat(native);
  if (type !== 'directory') throw new CompartidosError('DISK_ERROR', { path, reason: 'folder-replaced' });
}
