import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { FileSystem } from '../../src/core/file-system.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { stage } from '../../src/transfer/staging.ts';
import { TemporaryFile } from '../../src/transfer/temporary-file.ts';
import { fileEntry } from '../support/entries.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const fileSystem = new NodeFileSystem();
const BLOCK = 128 * 1024;

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

test('one block is written at a time, and one that fails stands in no other’s way', async (t) => {
  const path = join(await temporaryFolder(t), 'part');
  let writing = 0;
  const watched: FileSystem = Object.assign(new NodeFileSystem(), {
    open: async (...args: Parameters<FileSystem['open']>) => {
      const file = await fileSystem.open(...args);
      const write = file.write.bind(file);
      file.write = async (bytes, position) => {
        writing += 1;
        t.is(writing, 1);
        await new Promise((resolve) => setImmediate(resolve));
        writing -= 1;
        if (position === BLOCK) throw new Error('the disk failed');
        await write(bytes, position);
      };
      return file;
    },
  });
  const file = await TemporaryFile.open(watched, path, fileEntry('file', { size: 3 * BLOCK }));
  const written = await Promise.allSettled(
    [0, 1, 2].map((index) => file.write(index, Buffer.alloc(BLOCK, 7))),
  );
  await file.close();
  t.deepEqual(
    written.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.is((await readFile(path)).filter((byte) => byte === 7).length, 2 * BLOCK);
});
