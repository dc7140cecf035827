import { mkdir, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { FileSystem } from '../../src/core/file-system.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { readTrashRecord, writeTrashRecord } from '../../src/transfer/trash-record.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { DAY, interrupted, trashLab } from '../support/trash-lab.ts';

const x = parseRelativePath('a/x.txt');

test('what is discarded is listed with what it was, and can be had back', async (t) => {
  const { trash, write, read, clock, index, inside } = await trashLab(t);
  const entry = await write('a/x.txt', 'hello');
  const id = await trash.discard(x, 'deleted');
  await index.refresh(x);
  t.deepEqual(await trash.list(), [
    {
      id,
      path: x,
      size: 5,
      time: clock.now(),
      reason: 'deleted',
      hash: Buffer.from(entry!.hash!).toString('hex'),
    },
  ]);
  await t.throwsAsync(read('a/x.txt'), { code: 'ENOENT' });
  t.is(await trash.restore(id), x);
  t.is(await read('a/x.txt'), 'hello');
  t.false(index.get(x)!.deleted);
  t.deepEqual(await inside(), []);
});

test('what is restored never replaces what is there now', async (t) => {
  const { trash, write, read } = await trashLab(t);
  await write('a/x.txt', 'one');
  const id = await trash.discard(x, 'replaced');
  await write('a/x.txt', 'two');
  await write('a/x (from trash).txt', 'three');
  t.is(await trash.restore(id), parseRelativePath('a/x (from trash) 2.txt'));
  t.is(await read('a/x (from trash) 2.txt'), 'one');
  t.is(await read('a/x.txt'), 'two');
});

test('a file that the index has not seen is not replaced either', async (t) => {
  const { trash, write, read, folder, index } = await trashLab(t);
  await write('a/x.txt', 'one');
  const id = await trash.discard(x, 'replaced');
  await index.refresh(x);
  await writeFile(join(folder, 'a/x.txt'), 'unseen');
  t.is(await trash.restore(id), parseRelativePath('a/x (from trash).txt'));
  t.is(await read('a/x.txt'), 'unseen');
});

test('two of one name and one moment are both kept', async (t) => {
  const { trash, write } = await trashLab(t);
  await write('a/x.txt', 'one');
  await trash.discard(x, 'replaced');
  await write('a/x.txt', 'two');
  await trash.discard(x, 'replaced');
  t.is((await trash.list()).length, 2);
});

test('only what has an id of ours is restored', async (t) => {
  const { trash } = await trashLab(t);
  for (const id of ['', '..', '../../x', '0', '000000000000000-00000000']) {
    await t.throwsAsync(trash.restore(id), { code: 'NOT_FOUND' });
  }
});

test('a file whose record was lost is still there, under its id', async (t) => {
  const { trash, write, folder } = await trashLab(t);
  await write('a/x.txt', 'one');
  const id = await trash.discard(x, 'replaced');
  await writeFile(join(folder, '.compartidos/trash', `${id}.json`), '{"path": "../../etc/passwd", "si');
  const [item] = await trash.list();
  t.like(item, { id, path: id as typeof x, size: 3 });
  t.is(await trash.restore(id), id as typeof x);
});

/** The real file system, which notes in `done` what makes things durable and what it is about. */
function watched(done: string[]): FileSystem {
  const real = new NodeFileSystem();
  return Object.assign(new NodeFileSystem(), {
    open: async (path: string, mode: 'read' | 'write' | 'create') => {
      const file = await real.open(path, mode);
      return {
        ...{ stat: () => file.stat(), truncate: (size: number) => file.truncate(size) },
        read: (bytes: Uint8Array, at: number) => file.read(bytes, at),
        write: (bytes: Uint8Array, at: number) => (done.push('write'), file.write(bytes, at)),
        sync: () => (done.push('sync'), file.sync()),
        close: () => file.close(),
      };
    },
    syncDirectory: (path: string) => (done.push('sync folder'), real.syncDirectory(path)),
    rename: (from: string, to: string) => (done.push('rename'), real.rename(from, to)),
  });
}

test('nothing is moved before what it was is durable', async (t) => {
  const done: string[] = [];
  const { trash, write } = await trashLab(t, watched(done));
  await write('a/x.txt', 'one');
  await trash.discard(x, 'deleted');
  t.deepEqual(done, ['write', 'sync', 'sync folder', 'rename', 'sync folder', 'sync folder']);
});

test('of many none is moved before what all were is durable, and folders are flushed once for all', async (t) => {
  const done: string[] = [];
  const { trash, write, inside } = await trashLab(t, watched(done));
  const names = ['a/1', 'a/2', 'b/3', 'b/4'];
  const ofAll = ['trash', 'a', 'b'];
  for (const name of names) await write(name, name);
  await Promise.all(names.map((name) => trash.discard(parseRelativePath(name), 'deleted')));
  const records = done.splice(0, 8);
  t.deepEqual([...new Set(records)].sort(), ['sync', 'write']);
  t.deepEqual(done, ['sync folder', ...names.map(() => 'rename'), ...ofAll.map(() => 'sync folder')]);
  t.deepEqual((await trash.list()).map(({ path }) => String(path)).sort(), names);
  t.is((await inside()).length, 8);
});

test('what cannot be moved keeps nothing from being moved that goes with it', async (t) => {
  const real = new NodeFileSystem();
  const failing: FileSystem = Object.assign(new NodeFileSystem(), {
    syncDirectory: (path: string) => {
      const isBad = path.endsWith('/bad');
      return isBad
        ? Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }))
        : real.syncDirectory(path);
    },
  });
  const { trash, write, read, inside } = await trashLab(t, failing);
  for (const name of ['a/x.txt', 'bad/y', 'folder/z']) await write(name, name);
  const discard = (name: string) => trash.discard(parseRelativePath(name), 'deleted');
  const results = await Promise.allSettled(['a/x.txt', 'bad/y', 'folder', 'none'].map(discard));
  const codes = results.map((one) =>
    one.status === 'rejected' ? (one.reason as { code: string }).code : 'done',
  );
  t.deepEqual(codes, ['done', 'EIO', 'EISDIR', 'ENOENT']);
  t.is(await read('bad/y'), 'bad/y');
  t.is(await read('folder/z'), 'folder/z');
  t.deepEqual(
    (await trash.list()).map(({ path }) => path),
    [x],
  );
  t.is((await inside()).length, 3);
});

test('a record is read back, and anything else is none', (t) => {
  const record = { path: x, size: 5, time: 12, counted: 11, reason: 'resolved' as const, hash: undefined };
  t.deepEqual(readTrashRecord(writeTrashRecord(record)), record);
  const older = { ...record, counted: undefined };
  t.deepEqual(readTrashRecord(writeTrashRecord(older)), older);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const read = readTrashRecord(bytes);
        t.true(read === undefined || typeof read.path === 'string');
      },
    ),
    { numRuns: 10_000 },
  );
});

test('a file that cannot be moved stays, and leaves no record', async (t) => {
  const real = new NodeFileSystem();
  const failing: FileSystem = Object.assign(Object.create(real) as FileSystem, {
    rename: () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' })),
  });
  const { trash, write, read, inside } = await trashLab(t, failing);
  await write('a/x.txt', 'one');
  await t.throwsAsync(trash.discard(x, 'deleted'), { code: 'EACCES' });
  t.is(await read('a/x.txt'), 'one');
  t.deepEqual(await inside(), []);
});

test('what is saved over a file while it gets another name is not lost', async (t) => {
  let meanwhile = () => Promise.resolve();
  const { trash, write, read, inside, folder } = await trashLab(
    t,
    interrupted('renameNew', () => meanwhile()),
  );
  const y = parseRelativePath('a/y.txt');
  await write('a/x.txt', 'one');
  meanwhile = () => writeFile(join(folder, x), 'saved');
  await trash.move(x, y);
  t.is(await read('a/y.txt'), 'one');
  t.is(await read('a/x.txt'), 'saved');
  t.deepEqual(await inside(), []);

  // The name is taken, and there is something new in the place.
  await t.throwsAsync(trash.move(x, y), { code: 'EEXIST' });
  t.is(await read('a/x.txt'), 'saved');
  t.is((await trash.list()).length, 1);
  meanwhile = () => Promise.resolve();
  await t.throwsAsync(trash.move(x, y), { code: 'EEXIST' });
  t.is(await read('a/x.txt'), 'saved');
  t.is((await trash.list()).length, 1);
});

test('what does not belong there is neither listed nor removed nor restored', async (t) => {
  const { trash, write, folder, clock, inside } = await trashLab(t);
  await write('a/x.txt', 'one');
  await trash.discard(x, 'deleted');
  await writeFile(join(folder, '.compartidos/trash/mine.txt'), 'mine');
  t.is((await trash.list()).length, 1);
  await t.throwsAsync(trash.restore('mine.txt'), { code: 'NOT_FOUND' });
  await clock.advance(6 * DAY);
  await trash.purge();
  t.deepEqual(await inside(), ['mine.txt']);
});

test('what is restored into a folder that is gone brings the folder back', async (t) => {
  const { trash, write, read, folder, index } = await trashLab(t);
  await write('a/x.txt', 'one');
  const id = await trash.discard(x, 'deleted');
  await index.refresh(x);
  await rmdir(join(folder, 'a'));
  t.is(await trash.restore(id), x);
  t.is(await read('a/x.txt'), 'one');
});

test('what is to be restored below a file stays, and it is said what is in the way', async (t) => {
  const { trash, write, index, folder } = await trashLab(t);
  const deep = parseRelativePath('a/b/c/x.txt');
  await write(deep, 'one');
  const id = await trash.discard(deep, 'deleted');
  await index.refresh(deep);
  await rm(join(folder, 'a'), { recursive: true });
  await write('a', 'a file');
  await t.throwsAsync(trash.restore(id), { message: /NAME_UNSUPPORTED {"path":"a",/ });
  t.deepEqual(
    (await trash.list()).map((item) => item.id),
    [id],
  );
});

test('what cannot be listed is told in words', async (t) => {
  const real = new NodeFileSystem();
  const failing: FileSystem = Object.assign(Object.create(real) as FileSystem, {
    readDirectory: () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' })),
  });
  const { trash, write } = await trashLab(t, failing);
  await write('a/x.txt', 'one');
  const id = await trash.discard(x, 'deleted');
  const told = { code: 'PERMISSION_DENIED', params: { path: '.compartidos/trash', reason: 'EACCES' } };
  t.like(await t.throwsAsync(trash.list()), told);
  t.like(await t.throwsAsync(trash.restore(id)), told);
});

test('a folder, and what a link in place of the trash leads to, are left alone', async (t) => {
  const { trash, write, folder, read } = await trashLab(t);
  await write('a/x.txt', 'one');
  await t.throwsAsync(trash.discard(parseRelativePath('a'), 'deleted'), { code: 'EISDIR' });
  const elsewhere = await temporaryFolder(t);
  await mkdir(join(folder, '.compartidos'), { recursive: true });
  await rm(join(folder, '.compartidos/trash'), { recursive: true, force: true });
  await symlink(elsewhere, join(folder, '.compartidos/trash'));
  const params = { path: '.compartidos/trash', reason: 'folder-replaced' };
  t.like(await t.throwsAsync(trash.discard(x, 'deleted')), { code: 'DISK_ERROR', params });
  t.like(await t.throwsAsync(trash.list()), { code: 'DISK_ERROR', params });
  t.is(await read('a/x.txt'), 'one');
});
