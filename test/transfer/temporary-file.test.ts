import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { FileSystem } from '../../src/core/file-system.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { stage } from '../../src/transfer/staging.ts';
import { TemporaryFile } from '../../src/transfer/temporary-file.ts';
import { BLOCK } from '../support/block-size.ts';
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

/** A file system whose writes wait for the test, and fail where they begin at the place given. */
function heldWrites(failAt?: number) {
  const writes: { position: number; bytes: number }[] = [];
  const ends: (() => void)[] = [];
  const held: FileSystem = Object.assign(new NodeFileSystem(), {
    open: async (...args: Parameters<FileSystem['open']>) => {
      const file = await fileSystem.open(...args);
      const write = file.write.bind(file);
      file.write = async (source, position) => {
        const pieces = source instanceof Uint8Array ? [source] : source;
        writes.push({ position, bytes: pieces.reduce((sum, { length }) => sum + length, 0) });
        await new Promise<void>((resolve) => ends.push(resolve));
        if (position === failAt) throw new Error('the disk failed');
        await write(source, position);
      };
      return file;
    },
  });
  const end = async () => {
    ends.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { held, writes, end, ends };
}

test('there is one write at a time, and what waits for it goes together where it lies together', async (t) => {
  const path = join(await temporaryFolder(t), 'part');
  const { held, writes, end, ends } = heldWrites();
  const file = await TemporaryFile.open(held, path, fileEntry('file', { size: 7 * BLOCK }));
  const order = [0, 3, 5, 1, 2, 3, 6];
  const written = Promise.all(order.map((index) => file.write(index, Buffer.alloc(BLOCK, index + 1))));
  while (ends.length > 0) {
    t.is(ends.length, 1);
    await end();
    while (ends.length === 0 && writes.length < 4) await new Promise((resolve) => setImmediate(resolve));
  }
  await written;
  await file.close();
  t.deepEqual(writes, [
    { position: 0, bytes: BLOCK },
    { position: 3 * BLOCK, bytes: BLOCK },
    { position: 5 * BLOCK, bytes: 2 * BLOCK },
    { position: BLOCK, bytes: 2 * BLOCK },
  ]);
  const bytes = await readFile(path);
  for (const index of [0, 1, 2, 3, 5, 6]) {
    t.true(bytes.subarray(index * BLOCK, (index + 1) * BLOCK).equals(Buffer.alloc(BLOCK, index + 1)));
  }
});

test('a write that fails stands in no other’s way', async (t) => {
  const path = join(await temporaryFolder(t), 'part');
  const { held, end, ends } = heldWrites(2 * BLOCK);
  const file = await TemporaryFile.open(held, path, fileEntry('file', { size: 5 * BLOCK }));
  const written = Promise.allSettled([0, 2, 3, 1].map((index) => file.write(index, Buffer.alloc(BLOCK, 7))));
  for (let count = 0; count < 3; count += 1) {
    while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await end();
  }
  const outcomes = (await written).map(({ status }) => status);
  await file.close();
  t.deepEqual(outcomes, ['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  t.is((await readFile(path)).filter((byte) => byte === 7).length, 2 * BLOCK);
});

test('it is closed after the last write', async (t) => {
  const path = join(await temporaryFolder(t), 'part');
  const { held, end, ends } = heldWrites(2 * BLOCK);
  const file = await TemporaryFile.open(held, path, fileEntry('file', { size: 5 * BLOCK }));
  const written = Promise.allSettled([0, 2, 4].map((index) => file.write(index, Buffer.alloc(BLOCK, 7))));
  const closed = file.close();
  for (let count = 0; count < 3; count += 1) {
    while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await end();
  }
  await closed;
  t.deepEqual(
    (await written).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.is((await readFile(path)).filter((byte) => byte === 7).length, 2 * BLOCK);
});

test('a link is left with its target and its time, in the place of what was there', async (t) => {
  const path = join(await temporaryFolder(t), 'part');
  await writeFile(path, 'left');
  const content = {
    type: 'symlink',
    target: 'nowhere',
    mtimeUs: 1_600_000_000_000_000,
    executable: false,
  } as const;
  await stage(fileSystem, path, { content, body: undefined }, true);
  t.is(await fileSystem.readLink(path), 'nowhere');
  t.is((await fileSystem.lstat(path)).mtimeUs, content.mtimeUs);
});

test('one that cannot be had at its size is closed', async (t) => {
  const path = join(await temporaryFolder(t), 'part');
  let open = 0;
  const failing = Object.assign(new NodeFileSystem(), {
    open: async (at: string, mode: 'read' | 'write' | 'create') => {
      const file = await fileSystem.open(at, mode);
      open += 1;
      return {
        ...file,
        ...{ stat: () => file.stat(), truncate: () => Promise.reject(new Error('EFBIG')) },
        close: async () => {
          open -= 1;
          await file.close();
        },
      };
    },
  });
  // A new one, and one that was left.
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await t.throwsAsync(TemporaryFile.open(failing, path, fileEntry('file', { size: 5 })), {
      message: 'EFBIG',
    });
    t.is(open, 0);
  }
});
