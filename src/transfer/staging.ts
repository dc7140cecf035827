import { systemErrorCode } from '../core/errors.ts';
import { isUnsupported } from '../core/file-system.ts';
import type { FileSystem, OpenFile } from '../core/file-system.ts';
import type { FileEntry } from '../model/file-entry.ts';

/** What becomes a file, a link or a folder. */
export interface Staged {
  readonly content: Pick<FileEntry, 'type' | 'mtimeUs' | 'executable' | 'target'>;
  /** The temporary file, open and whole; the bytes of a small file; or undefined for what has no bytes. */
  readonly body: Pick<OpenFile, 'sync' | 'close'> | Uint8Array | undefined;
}

/**
 * Leaves at `path` what only needs its final name: its bytes, time and mode, and with `durable` flushed to the disk.
 */
export async function stage(
  fileSystem: FileSystem,
  path: string,
  { content, body }: Staged,
  durable: boolean,
): Promise<void> {
  if (content.type === 'directory') return;
  if (content.type === 'symlink') {
    await removeOld(fileSystem, path);
    await fileSystem.symlink(content.target, path);
    await fileSystem.setModified(path, content.mtimeUs);
    return;
  }
  const file = body instanceof Uint8Array || !body ? await create(fileSystem, path, body) : body;
  try {
    await fileSystem.setModified(path, content.mtimeUs);
    // One that was taken up may be that of an older version.
    if (content.executable || file === body) await setMode(fileSystem, path, content.executable);
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
}

/** Whoever may not change the mode of a file that he has just made is on a disk that has no modes. */
async function setMode(fileSystem: FileSystem, path: string, executable: boolean): Promise<void> {
  try {
    await fileSystem.setExecutable(path, executable);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

async function create(fileSystem: FileSystem, path: string, body: Uint8Array | undefined) {
  let file: OpenFile;
  try {
    file = await fileSystem.open(path, 'create');
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    await removeOld(fileSystem, path);
    file = await fileSystem.open(path, 'create');
  }
  try {
    if (body) await file.write(body, 0);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What an earlier attempt left. */
async function removeOld(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.unlink(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}
