import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { stage } from '../../src/transfer/staging.ts';
import { TemporaryFile } from '../../src/transfer/temporary-file.ts';
import { fileEntry } from '../support/entries.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const fileSystem = new NodeFileSystem();

test('a link that an older version has left is replaced, and not followed', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'part');
  await writeFile(join(folder, 'elsewhere'), 'not ours');
  await symlink('elsewhere', path);
  const file = await TemporaryFile.open(fileSystem, path, fileEntry('file', { size: 5 }));
  await file.write(0, Buffer.from('bytes'));
  await file.close();
  t.is(await readFile(path, 'utf8'), 'bytes');
  t.is(await readFile(join(folder, 'elsewhere'), 'utf8'), 'not ours');
});

test('what is taken up of an older version gets the mode of the newer', async (t) => {
  if (process.platform === 'win32') return t.pass('there are no modes');
  const path = join(await temporaryFolder(t), 'part');
  const content = fileEntry('file', { size: 5, executable: true });
  await stage(fileSystem, path, { content, body: Buffer.from('older') }, false);
  t.is((await stat(path)).mode & 0o100, 0o100);
  const body = await TemporaryFile.open(fileSystem, path, content);
  await stage(fileSystem, path, { content: { ...content, executable: false }, body }, false);
  t.is((await stat(path)).mode & 0o111, 0);
});
