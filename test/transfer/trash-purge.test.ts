import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { Trash } from '../../src/transfer/trash.ts';
import { writeTrashRecord } from '../../src/transfer/trash-record.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';
import { DAY, interrupted, trashLab } from '../support/trash-lab.ts';

const x = parseRelativePath('a/x.txt');

/** As it does at the start, and every hour. */
async function look(trash: Trash): Promise<void> {
  await trash.start();
  await trash.stop();
}

test('what is too old goes, then the oldest until the rest is small enough', async (t) => {
  const { trash, write, clock } = await trashLab(t);
  for (const [path, size] of [
    ['old', 10],
    ['big', 900],
    ['new', 200],
  ] as const) {
    await write(path, 'x'.repeat(size));
    await trash.discard(parseRelativePath(path), 'deleted');
    await clock.advance(3 * DAY);
  }
  await trash.purge();
  t.deepEqual(
    (await trash.list()).map(({ path }) => path as string),
    ['new'],
  );
});

test('what is too large by itself does not push out the rest', async (t) => {
  const { trash, write } = await trashLab(t);
  for (const [path, size] of [
    ['one', 300],
    ['huge', 2000],
    ['two', 300],
  ] as const) {
    await write(path, 'x'.repeat(size));
    await trash.discard(parseRelativePath(path), 'deleted');
  }
  await trash.purge();
  t.deepEqual((await trash.list()).map(({ path }) => path as string).sort(), ['one', 'two']);
});

test('what is just getting another name is not purged', async (t) => {
  let meanwhile = () => Promise.resolve();
  const { trash, write, read, inside } = await trashLab(
    t,
    interrupted('renameNew', () => meanwhile()),
  );
  await write('a/x.txt', 'x'.repeat(2000));
  meanwhile = () => trash.purge();
  await trash.move(x, parseRelativePath('a/y.txt'));
  t.is(await read('a/y.txt'), 'x'.repeat(2000));
  t.deepEqual(await inside(), []);
});

test('what a crash left there on its way to another name is kept, however large, until it is old', async (t) => {
  const { trash, write, read, folder, clock } = await trashLab(t);
  await write('a/x.txt', 'x'.repeat(100));
  await trash.discard(x, 'deleted');
  const id = `${String(clock.now()).padStart(15, '0')}-00000000`;
  await writeFile(join(folder, '.compartidos/trash', id), 'y'.repeat(2000));
  await trash.purge();
  t.deepEqual((await trash.list()).map(({ path }) => path as string).sort(), [id, x].sort());
  t.is(await read(await trash.restore(id)), 'y'.repeat(2000));
  await writeFile(join(folder, '.compartidos/trash', id), 'y'.repeat(2000));
  await clock.advance(6 * DAY);
  await trash.purge();
  t.deepEqual(await trash.list(), []);
});

test('what a crash left there makes no room for the rest', async (t) => {
  const { trash, write, folder, clock } = await trashLab(t);
  const id = `${String(clock.now()).padStart(15, '0')}-00000000`;
  await clock.advance(1000);
  for (const path of ['older', 'newer']) {
    await write(path, 'x'.repeat(600));
    await trash.discard(parseRelativePath(path), 'deleted');
    await clock.advance(1000);
  }
  await writeFile(join(folder, '.compartidos/trash', id), 'y'.repeat(200));
  await trash.purge();
  t.deepEqual(
    (await trash.list()).map(({ path }) => path as string),
    ['newer', id],
  );
});

test('what is discarded during a purge counts', async (t) => {
  let meanwhile = () => Promise.resolve();
  const { trash, write } = await trashLab(
    t,
    interrupted('readDirectory', () => meanwhile()),
  );
  await write('a/x.txt', 'x'.repeat(600));
  await write('b', 'x'.repeat(300));
  await write('c', 'x'.repeat(300));
  await write('small', 'x');
  await trash.discard(parseRelativePath('small'), 'deleted');
  meanwhile = async () => {
    meanwhile = () => Promise.resolve();
    await trash.discard(x, 'deleted');
  };
  await trash.purge();
  await trash.discard(parseRelativePath('b'), 'deleted');
  await trash.discard(parseRelativePath('c'), 'deleted');
  await trash.stop();
  // All four are too much.
  const left = (await trash.list()).map(({ size }) => size);
  t.true(left.reduce((sum, size) => sum + size, 0) <= 1000);
});

test('a record whose file never came is removed, unless it is just coming', async (t) => {
  let meanwhile = () => Promise.resolve();
  const { trash, write, folder, inside } = await trashLab(
    t,
    interrupted('rename', () => meanwhile()),
  );
  await write('a/x.txt', 'one');
  await mkdir(join(folder, '.compartidos/trash'), { recursive: true });
  const record = { path: x, size: 5, time: 12, counted: 12, reason: 'deleted' as const, hash: undefined };
  await writeFile(join(folder, '.compartidos/trash/000000000000012-00000000.json'), writeTrashRecord(record));
  meanwhile = () => trash.purge();
  const id = await trash.discard(x, 'deleted');
  t.deepEqual((await inside()).sort(), [id, `${id}.json`]);
  t.is((await trash.list())[0]!.path, x);
});

test('it is purged at the start and now and then', async (t) => {
  const { trash, write, clock, inside } = await trashLab(t);
  await write('a/x.txt', 'one');
  await trash.discard(x, 'deleted');
  await trash.start();
  await clock.advance(6 * DAY);
  await trash.stop();
  t.deepEqual(await inside(), []);
  t.is(clock.pending, 0);
});

test('of time that nobody saw pass a week counts, and what comes after it has all its time', async (t) => {
  const { trash, restarted, write, clock } = await trashLab(t);
  const paths = async () => (await trash.list()).map(({ path }) => path as string);
  trash.configure({ maxAgeMs: 30 * DAY, maxSize: 1000 });
  await write('a/x.txt', 'x');
  await trash.discard(x, 'deleted');
  await look(trash);
  // Off for a summer, and a clock that is set on.
  const later = restarted();
  later.configure({ maxAgeMs: 30 * DAY, maxSize: 1000 });
  await clock.advance(60 * DAY);
  await look(later);
  clock.setWallClock(clock.now() + 4000 * DAY);
  await write('y', 'y');
  await later.discard(parseRelativePath('y'), 'deleted');
  await look(later);
  t.deepEqual(await paths(), ['y', x]);
  for (let day = 0; day < 17; day += 1) {
    await clock.advance(DAY);
    await look(later);
  }
  t.deepEqual(await paths(), ['y'], 'as old as fourteen days, and seventeen');
  for (let day = 0; day < 13; day += 1) {
    t.deepEqual(await paths(), ['y']);
    await clock.advance(DAY);
    await look(later);
  }
  await clock.advance(DAY);
  await look(later);
  t.deepEqual(await paths(), []);
});

test('a clock that is set back makes nothing older', async (t) => {
  const { trash, write, clock } = await trashLab(t);
  await write('a/x.txt', 'x');
  await clock.advance(4000 * DAY);
  await trash.discard(x, 'deleted');
  clock.setWallClock(clock.now() - 3999 * DAY);
  for (let day = 0; day < 5; day += 1) {
    await look(trash);
    t.is((await trash.list()).length, 1);
    await clock.advance(DAY);
  }
  await clock.advance(1);
  await trash.purge();
  t.deepEqual(await trash.list(), []);
});

test('what cannot be removed from the trash stays, and the next purge tries again', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const { trash, write, clock } = await trashLab(t, files);
  await write('a/x.txt', 'x');
  await trash.discard(x, 'deleted');
  await clock.advance(6 * DAY);
  files.trouble = (operation) => (operation === 'unlink' ? 'EIO' : undefined);
  await t.throwsAsync(trash.purge(), { message: /^EIO/ });
  t.is((await trash.list()).length, 1);
  files.trouble = () => undefined;
  await trash.purge();
  t.deepEqual(await trash.list(), []);
});

test('smaller limits hold at once', async (t) => {
  const { trash, write } = await trashLab(t);
  await write('a/x.txt', 'x'.repeat(600));
  await trash.discard(x, 'deleted');
  await trash.start();
  trash.configure({ maxAgeMs: 5 * DAY, maxSize: 599 });
  await trash.stop();
  t.deepEqual(await trash.list(), []);
});

test('what cannot be put back stays in the trash', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const { trash, write, read, index } = await trashLab(t, files);
  await write('a/x.txt', 'x');
  const id = await trash.discard(x, 'deleted');
  await index.refresh(x);
  files.trouble = (operation) => (operation === 'renameNew' ? 'EIO' : undefined);
  await t.throwsAsync(trash.restore(id), { message: /DISK_ERROR/ });
  files.trouble = () => undefined;
  t.is(await trash.restore(id), x);
  t.is(await read('a/x.txt'), 'x');
});

test('what lies in the trash of another disk is neither purged nor put back', async (t) => {
  const { trash, index, write, clock } = await trashLab(t);
  await write('a/x.txt', 'x');
  const id = await trash.discard(x, 'deleted');
  await clock.advance(6 * DAY);
  const verify = index.verifyFolder.bind(index);
  index.verifyFolder = () =>
    Promise.reject(new CompartidosError('FOLDER_CHANGED', { folder: '', marker: '' }));
  await t.throwsAsync(trash.purge(), { code: 'FOLDER_CHANGED' });
  await t.throwsAsync(trash.restore(id), { code: 'FOLDER_CHANGED' });
  await trash.start();
  await trash.stop();
  t.is((await trash.list()).length, 1);
  index.verifyFolder = verify;
  await trash.purge();
  t.deepEqual(await trash.list(), []);
});

test('what came without a record does not count when it leaves', async (t) => {
  const { trash, write, folder, inside } = await trashLab(t);
  await write('a/x.txt', 'x'.repeat(600));
  const id = await trash.discard(x, 'deleted');
  await rm(join(folder, '.compartidos', 'trash', `${id}.json`));
  await trash.purge();
  await trash.restore(id);
  await write('b', 'b'.repeat(600));
  await write('c', 'c'.repeat(600));
  await trash.discard(parseRelativePath('b'), 'deleted');
  await trash.discard(parseRelativePath('c'), 'deleted');
  await trash.stop();
  t.is((await inside()).length, 2);
});
