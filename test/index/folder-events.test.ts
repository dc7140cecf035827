import { lstatSync } from 'node:fs';
import { mkdir, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { ARRIVAL_DELAY } from '../../src/index/write-guard.ts';
import { CountingHasher } from '../support/counting-hasher.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { IdleWatcher } from '../support/idle-watcher.ts';
import { indexed, plainWalk, scanLab } from '../support/scan-lab.ts';
import { sharedFolderLab } from '../support/shared-folder-lab.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

test('what vanishes before it has been read for the first time is not indexed', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await mkdir(lab.path('sub'));
  await lab.scan();
  let letGo = () => {};
  lab.hasher.held = new Promise<void>((resolve) => (letGo = resolve));
  const arrives = async (...paths: string[]) => {
    for (const path of paths) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      watcher.events.emit('touched', join(lab.path(path), '..'), name, 'arrived');
    }
    await lab.clock.advance(ARRIVAL_DELAY);
  };
  for (const path of ['short', 'back', 'sub/below']) await writeFile(lab.path(path), path);
  await arrives('short', 'back', 'sub/below');
  while (lab.hasher.count < 3 || lab.hasher.unread > 0) await lab.clock.advance(0);
  await rm(lab.path('short'));
  await rm(lab.path('sub'), { recursive: true });
  await rm(lab.path('back'));
  await writeFile(lab.path('back'), 'again');
  await arrives('short', 'sub', 'back');
  while (!lab.index.get(parseRelativePath('sub'))!.deleted) await lab.clock.advance(1);
  letGo();
  while (!lab.index.get(parseRelativePath('back'))) await lab.clock.advance(1);
  await lab.hasher.idle();
  t.deepEqual(Object.keys(indexed(lab)).sort(), Object.keys(plainWalk(lab.folder)).sort());
});

test('what vanishes while it is read for the first time is not indexed, though only a scan finds out', async (t) => {
  const lab = await scanLab(t);
  let letGo = () => {};
  lab.hasher.held = new Promise<void>((resolve) => (letGo = resolve));
  await writeFile(lab.path('moved'), 'x');
  await writeFile(lab.path('stays'), 'y');
  await lab.index.rescan();
  while (lab.hasher.count < 2 || lab.hasher.unread > 0) await lab.clock.advance(0);
  await rename(lab.path('moved'), lab.path('there'));
  await lab.index.rescan();
  letGo();
  await lab.hasher.idle();
  while (!lab.index.get(parseRelativePath('there'))) await lab.clock.advance(1);
  t.deepEqual(Object.keys(indexed(lab)).sort(), ['stays', 'there']);
});

test('after a crash the files that changed last are read again, after a stop none is', async (t) => {
  const first = await scanLab(t);
  await writeFile(first.path('torn'), 'before');
  await first.scan();
  const entry = first.index.get(parseRelativePath('torn'))!;
  const { folder, database } = first;
  const startAgain = async () => {
    const hasher = new CountingHasher();
    const parts = { folder, database, hasher, clock: new FakeClock(), watcher: () => new IdleWatcher() };
    const lab = await sharedFolderLab(t, parts);
    await lab.index.start();
    await lab.index.rescan();
    await hasher.idle();
    await new Promise((resolve) => setImmediate(resolve));
    await lab.index.rescan();
    return { ...lab, hasher };
  };
  // The power has failed: the content is what the disk had, the times are what the system had written.
  await writeFile(first.path('torn'), 'tornup');
  const facts = lstatSync(first.path('torn'), { bigint: true });
  const ctimeUs = Number(facts.ctimeNs / 1000n);
  const mtimeUs = Number(facts.mtimeNs / 1000n);
  first.store.setDisk([
    { path: entry.path, disk: { ...first.store.facts(entry.path)!.disk!, mtimeUs, ctimeUs } },
  ]);
  const second = await startAgain();
  t.is(second.hasher.count, 1);
  t.is(compareVersions(second.index.get(entry.path)!.version, entry.version), 'newer');
  await second.index.stop();
  t.is((await startAgain()).hasher.count, 0);
});

test('what cannot be read again after a crash is doubted until it can', async (t) => {
  const first = await scanLab(t);
  await writeFile(first.path('file'), 'x');
  await first.scan();
  const path = parseRelativePath('file');
  t.false(first.store.isDoubted(path));
  const { folder, database } = first;
  const files = new TroubledFileSystem(new NodeFileSystem());
  const startAgain = async () => {
    const clock = new FakeClock();
    const hasher = new CountingHasher();
    const parts = { folder, database, files, hasher, clock, watcher: () => new IdleWatcher() };
    const lab = await sharedFolderLab(t, parts);
    await lab.index.start();
    await lab.index.rescan();
    await hasher.idle();
    return { ...lab, clock };
  };
  files.trouble = (operation, at) => (operation === 'lstat' && at === first.path('file') ? 'EIO' : undefined);
  const second = await startAgain();
  t.true(second.index.isDoubted(path));
  await second.index.stop();
  const third = await startAgain();
  t.true(third.index.isDoubted(path));
  files.trouble = () => undefined;
  third.index.suspect(path);
  while (third.index.isDoubted(path)) await third.clock.advance(1);
  await third.index.stop();
  const fourth = await startAgain();
  t.false(fourth.index.isDoubted(path));
});

test('a file that another program keeps to itself is shared when that lets it go, though nobody tells', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher, { files });
  const path = parseRelativePath('kept');
  files.trouble = (operation, at) => (operation === 'open' && at === lab.path('kept') ? 'EBUSY' : undefined);
  await writeFile(lab.path('kept'), 'x');
  watcher.events.emit('touched', lab.folder, 'kept', 'arrived');
  while (lab.index.skipped().length === 0) await lab.clock.advance(10);
  t.deepEqual(lab.index.skipped(), [{ path: 'kept', reason: 'unreadable' }]);
  t.is(lab.index.get(path), undefined);
  files.trouble = () => undefined;
  while (!lab.index.get(path)) await lab.clock.advance(1000);
  t.deepEqual(lab.index.skipped(), []);
});

test('a shared folder whose disk is pulled out is missed, though only its watch tells by failing', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await rename(lab.folder, `${lab.folder}-away`);
  watcher.events.emit('failed', lab.folder, 'EPERM');
  while (lab.index.problems.length === 0) await lab.clock.advance(0);
  t.is(lab.index.problems[0]!.code, 'FOLDER_MISSING');
});

test('a folder that much is missed of is scanned anew once, not for each time that the system says so', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await mkdir(lab.path('sub'));
  await lab.scan();
  let watches = 0;
  const watch = watcher.watch.bind(watcher);
  watcher.watch = (directory) => {
    if (directory === lab.path('sub')) watches += 1;
    watch(directory);
  };
  for (let time = 0; time < 20; time += 1)
    watcher.events.emit('touched', lab.path('sub'), undefined, 'written');
  await lab.index.rescan();
  // Anew, and as a part of everything.
  t.is(watches, 2);
});

test('what is held is doubted until it is let go', async (t) => {
  const lab = await scanLab(t);
  const path = parseRelativePath('file');
  await writeFile(lab.path('file'), 'x');
  await lab.scan();
  t.false(lab.index.isDoubted(path));
  const release = await lab.index.hold([path]);
  t.true(lab.index.isDoubted(path));
  release();
  t.false(lab.index.isDoubted(path));
});

test('a folder that we have removed and made again is watched, though the system tells of neither', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await mkdir(lab.path('sub'));
  await lab.scan();
  const path = parseRelativePath('sub');
  const entry = lab.index.get(path)!;
  t.true(watcher.watched.has(lab.path('sub')));

  await rmdir(lab.path('sub'));
  await lab.index.record([{ ...entry, deleted: true }]);
  t.false(watcher.watched.has(lab.path('sub')));

  const release = await lab.index.hold([path]);
  await mkdir(lab.path('sub'));
  await lab.index.record([entry]);
  release();
  await writeFile(lab.path('sub/file'), 'x');
  while (!watcher.watched.has(lab.path('sub'))) await lab.clock.advance(1);
  while (!lab.index.get(parseRelativePath('sub/file'))) await lab.clock.advance(1);
  t.pass();
});

test('where the system may not have told of everything, every folder is watched anew', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await mkdir(lab.path('sub/below'), { recursive: true });
  await lab.scan();
  const ended: string[] = [];
  const unwatch = watcher.unwatch.bind(watcher);
  watcher.unwatch = (directory) => {
    ended.push(directory);
    unwatch(directory);
  };
  watcher.events.emit('touched', lab.path('sub'), undefined, 'arrived');
  await lab.scan();
  t.deepEqual(ended, [lab.path('sub'), lab.path('sub/below')]);
  t.deepEqual([...watcher.watched], [lab.folder, lab.path('sub'), lab.path('sub/below')]);
});

test('another folder in the place of one is watched as soon as a scan finds it', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await mkdir(lab.path('sub'));
  await mkdir(lab.path('other'));
  await lab.scan();
  const ended: string[] = [];
  watcher.unwatch = (directory) => void ended.push(directory);
  await rmdir(lab.path('sub'));
  await rename(lab.path('other'), lab.path('sub'));
  await lab.scan();
  t.true(ended.includes(lab.path('sub')));
});

test('a folder is announced under its new name first, however far apart the system tells of the two', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await mkdir(lab.path('old/sub'), { recursive: true });
  await writeFile(lab.path('old/sub/file'), 'x');
  await lab.scan();
  await rename(lab.path('old'), lab.path('new'));
  watcher.events.emit('touched', lab.folder, 'old', 'arrived');
  lab.clock.skip(2);
  watcher.events.emit('touched', lab.folder, 'new', 'arrived');
  await lab.clock.advance(ARRIVAL_DELAY - 2);
  // Time enough to look at the old name, but it is not yet time for the new one.
  for (let turn = 0; turn < 300; turn += 1) await lab.clock.advance(0);
  const isGone = () => lab.announced.some(({ path, deleted }) => path === 'old' && deleted);
  while (!isGone()) await lab.clock.advance(1);
  const order = lab.announced.map(({ path }): string => path);
  for (const below of ['', '/sub', '/sub/file']) {
    t.true(order.lastIndexOf(`new${below}`) < order.lastIndexOf(`old${below}`), below);
    t.true(order.includes(`new${below}`), below);
  }
});

test('a link that gives way to a file while it is read does not take the place of what is there', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher, { files });
  const path = parseRelativePath('x');
  const arrives = async () => {
    watcher.events.emit('touched', lab.folder, 'x', 'arrived');
    await lab.clock.advance(ARRIVAL_DELAY);
  };
  let isOver = false;
  files.readLink = async (link) => {
    await rename(lab.path('x.part'), link);
    await arrives();
    while (!lab.index.get(path)) await lab.clock.advance(1);
    isOver = true;
    throw Object.assign(new Error('EINVAL: no link'), { code: 'EINVAL' });
  };
  await writeFile(lab.path('x.part'), 'x');
  await symlink('elsewhere', lab.path('x'));
  await arrives();
  while (!isOver) await lab.clock.advance(1);
  await lab.clock.advance(1);
  t.like(lab.index.get(path), { type: 'file', deleted: false, size: 1 });
  t.deepEqual(lab.index.skipped(), []);
});
