import { rename, symlink, writeFile } from 'node:fs/promises';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { IdleWatcher } from '../support/idle-watcher.ts';
import { scanLab } from '../support/scan-lab.ts';

test('a link that is replaced while it is read is not recorded', async (t) => {
  const files = new NodeFileSystem();
  const readLink = files.readLink.bind(files);
  const lab = await scanLab(t, new IdleWatcher(), { files });
  await symlink('elsewhere', lab.path('x'));
  await writeFile(lab.path('.y.tmp'), 'a file');
  files.readLink = async (path) => {
    const target = await readLink(path);
    await rename(lab.path('.y.tmp'), lab.path('x'));
    return target;
  };
  await lab.index.rescan();
  t.not(lab.index.get(parseRelativePath('x'))?.type, 'symlink');
  await lab.scan();
  t.is(lab.index.get(parseRelativePath('x'))?.type, 'file');
});
