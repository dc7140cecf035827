import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { FileSystem } from '../../src/core/file-system.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemRandom } from '../../src/core/random.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { Trash } from '../../src/transfer/trash.ts';
import { deviceNamed } from './entries.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryIndex } from './memory-index.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { MemoryDocuments } from './memory-documents.ts';

export const DAY = 86_400_000;

/** A shared folder with a trash that keeps 1000 bytes for five days. */
export async function trashLab(t: ExecutionContext, fileSystem: FileSystem = new NodeFileSystem()) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, '.compartidos'));
  const index = new MemoryIndex(new NodeFileSystem(), folder, deviceNamed('us'));
  const clock = new FakeClock();
  const limits = { maxAgeMs: 5 * DAY, maxSize: 1000 };
  const documents = new MemoryDocuments();
  const parts = {
    fileSystem,
    index,
    folder,
    limits,
    documents,
    clock,
    random: systemRandom,
    logger: silentLogger,
  };
  const trash = new Trash(parts);
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
    return index.refresh(parseRelativePath(path));
  };
  const read = (path: string) => readFile(join(folder, path), 'utf8');
  const inside = () => readdir(join(folder, '.compartidos', 'trash'));
  /** As the next process finds it, with what is remembered. */
  const restarted = () => new Trash(parts);
  return { folder, index, clock, trash, restarted, write, read, inside };
}

/** The real file system, where `meanwhile` happens in `call`: before it, or after it and before it is told of. */
export function interrupted(
  call: 'rename' | 'renameNew' | 'readDirectory',
  meanwhile: () => Promise<unknown>,
): FileSystem {
  const real = new NodeFileSystem();
  const rename = (name: 'rename' | 'renameNew') => async (from: string, to: string) => {
    await meanwhile();
    return real[name](from, to);
  };
  const readDirectory = async (path: string) => {
    const items = await real.readDirectory(path);
    await meanwhile();
    return items;
  };
  return Object.assign(Object.create(real) as FileSystem, {
    [call]: call === 'readDirectory' ? readDirectory : rename(call),
  });
}
