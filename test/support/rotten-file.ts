import { writeFile } from 'node:fs/promises';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { diskFacts } from '../../src/index/found-item.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { SharedFolderLab } from './shared-folder-lab.ts';

/**
 * Changes what an indexed file holds, as a failing disk does. Nobody can write a file and keep its ctime, so the index
 * is told that it has had those times all along.
 */
export async function rot(lab: SharedFolderLab, name: string, content: Buffer): Promise<void> {
  const at = parseRelativePath(name);
  const files = new NodeFileSystem();
  const file = lab.path(name);
  const { mtimeUs } = lab.store.facts(at)!.disk!;
  await writeFile(file, content);
  await files.setModified(file, mtimeUs);
  const stat = await files.lstat(file);
  lab.store.setDisk([{ path: at, disk: diskFacts({ path: at, native: name, stat }) }]);
}
