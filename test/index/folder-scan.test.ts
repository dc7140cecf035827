import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { MARKER_FILE } from '../../src/index/shared-folder.ts';
import { IGNORE_FILE, parseRelativePath } from '../../src/model/relative-path.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
import { ParentFolders } from '../../src/transfer/parent-folders.ts';
import { ARRIVAL_DELAY } from '../../src/index/write-guard.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { IdleWatcher } from '../support/idle-watcher.ts';
import { indexed, plainWalk, scanLab } from '../support/scan-lab.ts';
import { sharedFolderLab } from '../support/shared-folder-lab.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { refuseChanges } from '../support/test-database.ts';

const name = fc.constantFrom('a', 'a.b', 'a-', 'b', '\u00f1', '\u{10000}', '\u{ffee}');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const step = fc.oneof(
  fc.record({ act: fc.constant('write' as const), path, other: path }),
  fc.record({
    act: fc.constantFrom('remove' as const, 'folder' as const, 'link' as const),
    path,
    other: path,
  }),
  fc.record({ act: fc.constant('move' as const), path, other: path }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function apply(folder: string, { act, path: at, other }: Step, time: number): Promise<void> {
  const target = join(folder, at);
  try {
    if (act === 'remove') await rm(target, { recursive: true });
    else if (act === 'folder') await mkdir(target, { recursive: true });
    else if (act === 'link') await symlink('a', target);
    else if (act === 'move') await rename(target, join(folder, other));
    else {
      await mkdir(join(target, '..'), { recursive: true });
      await writeFile(target, `${time % 3}`);
      await utimes(target, time, time);
    }
  } catch {
    // Not every step is possible: a name may be missing or taken.
  }
}

test('what could not be shared and lies there no more is told of, by a scan and by the watcher', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  const freed: string[] = [];
  lab.index.events.on('freed', (path) => freed.push(path));
  for (const name of ['link', 'folder', 'other']) await symlink('/', lab.path(name));
  await lab.scan();
  t.deepEqual(freed, []);
  await rm(lab.path('link'));
  await lab.scan();
  t.deepEqual(freed, ['link']);
  await rm(lab.path('folder'));
  await mkdir(lab.path('folder'));
  await rm(lab.path('other'));
  for (const name of ['folder', 'other']) watcher.events.emit('touched', lab.folder, name, 'arrived');
  while (freed.length < 3) await lab.clock.advance(ARRIVAL_DELAY);
  t.deepEqual(freed.sort(), ['folder', 'link', 'other']);
});

test('after a scan the index is what a plain walk finds, and what did not change has no new version', async (t) => {
  const lab = await scanLab(t);
  let time = 1000;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const before = new Map(lab.index.after(0, 100_000).map((entry) => [entry.path, entry]));
      const walked = plainWalk(lab.folder);
      for (const next of steps) await apply(lab.folder, next, (time += 1));
      await lab.scan();
      const now = plainWalk(lab.folder);
      t.deepEqual(indexed(lab), now);
      for (const entry of lab.index.after(0, 100_000)) {
        const old = before.get(entry.path);
        if (old && walked[entry.path] === now[entry.path]) t.is(entry.sequence, old.sequence, entry.path);
        else if (old) t.is(compareVersions(entry.version, old.version), 'newer');
      }
    }),
    { numRuns: 120 },
  );
});

test('an unchanged folder costs no reading', async (t) => {
  const lab = await scanLab(t);
  for (let at = 0; at < 300; at += 1) {
    await mkdir(lab.path(`${at % 7}`), { recursive: true });
    await writeFile(lab.path(`${at % 7}/${at}`), `${at}`);
  }
  await lab.scan();
  t.is(lab.hasher.count, 300);
  const { sequence } = lab.index;
  await lab.scan();
  t.is(lab.hasher.count, 300);
  t.is(lab.index.sequence, sequence);
});

test('what becomes ignored is withdrawn with a version that is newer than nothing, and comes back', async (t) => {
  const lab = await scanLab(t);
  await mkdir(lab.path('sub'));
  for (const file of ['sub/a.log', 'sub/a.txt', 'b.log']) await writeFile(lab.path(file), file);
  await lab.scan();
  await writeFile(lab.path(`sub/${IGNORE_FILE}`), '*.log');
  await lab.scan();
  const withdrawn = lab.index.get(parseRelativePath('sub/a.log'))!;
  t.true(withdrawn.deleted);
  t.deepEqual(withdrawn.version, []);
  t.false(lab.index.get(parseRelativePath('b.log'))!.deleted);
  t.true(lab.index.ignores(parseRelativePath('sub/a.log')));
  t.is(readFileSync(lab.path('sub/a.log'), 'utf8'), 'sub/a.log');
  await rm(lab.path(`sub/${IGNORE_FILE}`));
  await lab.scan();
  t.false(lab.index.get(parseRelativePath('sub/a.log'))!.deleted);
});

test('what one scan withdraws, and the next one finds not to be ignored any more, is there again', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await mkdir(lab.path('sub'));
  await writeFile(lab.path(IGNORE_FILE), 'sub/*');
  await writeFile(lab.path(`sub/${IGNORE_FILE}`), '!*');
  await writeFile(lab.path('sub/a.txt'), 'a');
  await lab.scan();
  t.false(lab.index.get(parseRelativePath('sub/a.txt'))!.deleted);
  for (const file of [IGNORE_FILE, `sub/${IGNORE_FILE}`]) await rm(lab.path(file));
  // That of the folder alone knows what was ignored above it.
  watcher.events.emit('touched', lab.path('sub'), undefined, 'arrived');
  await lab.index.rescan();
  await lab.hasher.idle();
  await lab.index.stop();
  t.false(lab.index.get(parseRelativePath('sub/a.txt'))!.deleted);
});

test('it is told once that other names are ignored', async (t) => {
  const lab = await scanLab(t);
  await mkdir(lab.path('sub'));
  await writeFile(lab.path('sub/a.log'), 'a');
  await lab.scan();
  const path = parseRelativePath('sub/a.log');
  const told: boolean[] = [];
  lab.index.events.on('ignoring', () => told.push(lab.index.ignores(path)));
  await lab.scan();
  await writeFile(lab.path(`sub/${IGNORE_FILE}`), '*.log');
  await lab.scan();
  await lab.scan();
  await rm(lab.path(`sub/${IGNORE_FILE}`));
  await lab.scan();
  t.deepEqual(told, [true, false]);
});

test('a file too large for any entry is skipped, and withdrawn when it has grown so', async (t) => {
  const lab = await scanLab(t);
  await writeFile(join(lab.folder, 'image'), 'small');
  await lab.scan();
  const path = parseRelativePath('image');
  t.false(lab.index.get(path)!.deleted);
  await truncate(join(lab.folder, 'image'), 2 ** 40 + 1);
  await lab.scan();
  t.like(lab.index.get(path), { deleted: true, version: [] });
  t.deepEqual(lab.index.skipped(), [{ path: 'image', reason: 'file-too-large' }]);
});

test('neither the own folder of an agent nor its configuration is shared, wherever they are', async (t) => {
  const folder = join(await temporaryFolder(t), 'compartidos');
  const lab = await scanLab(t, undefined, { folder, configFile: join(folder, 'app', 'config.yaml') });
  await mkdir(lab.path('app/.compartidos/identity'), { recursive: true });
  await writeFile(lab.path('app/.compartidos/identity/key.pem'), 'secret');
  await writeFile(lab.path('app/config.yaml'), 'name: x');
  await writeFile(lab.path('config.yaml'), 'of something else');
  await lab.scan();
  t.deepEqual(Object.keys(indexed(lab)), ['app', 'config.yaml']);
  t.true(lab.index.ignores(parseRelativePath('app/config.yaml')));
});

test('a folder that loses its marker while it is scanned deletes nothing', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), 'a');
  await lab.scan();
  await rm(lab.path('a'));
  await rm(lab.path(`.compartidos/${MARKER_FILE}`));
  t.false(await lab.index.rescan());
  t.deepEqual(
    lab.index.problems.map(({ code }) => code),
    ['FOLDER_CHANGED'],
  );
  t.false(lab.index.get(parseRelativePath('a'))!.deleted);
  t.false(await lab.index.rescan());
});

test('a disk that is unmounted below the folder deletes nothing; a folder that is made anew does', async (t) => {
  const lab = await scanLab(t);
  for (const folder of ['usb', 'plain']) {
    await mkdir(lab.path(folder));
    await writeFile(lab.path(`${folder}/file`), folder);
  }
  await lab.scan();
  const at = parseRelativePath;
  // What was there, as the index knows it, lay on another disk.
  const facts = lab.store.facts(at('usb'))!.disk!;
  lab.store.setDisk([{ path: at('usb'), disk: { ...facts, volume: 'other', inode: 'other' } }]);
  for (const folder of ['usb', 'plain']) await rename(lab.path(folder), lab.path(`../${folder}-away`));
  for (const folder of ['usb', 'plain']) await mkdir(lab.path(folder));
  await lab.scan();
  await lab.scan();
  t.false(lab.index.get(at('usb/file'))!.deleted);
  t.true(lab.index.get(at('plain/file'))!.deleted);
  t.true(lab.logged.some(({ event, fields }) => event === 'folder.unmounted' && fields.path === 'usb'));
  // Nor is anything put there, which the disk would hide.
  const folders = new ParentFolders({ ...lab, fileSystem: new NodeFileSystem() });
  await t.throwsAsync(folders.prepare(at('usb/new')), { code: 'OTHER_DISK' });
  await t.throwsAsync(folders.prepare(at('usb/deep/new')), { code: 'OTHER_DISK' });
  await folders.prepare(at('plain/new'));
  await writeFile(lab.path('usb/moved'), 'with the folder');
  await new ParentFolders({ ...lab, fileSystem: new NodeFileSystem() }).prepare(at('usb/new'));
  await rm(lab.path('usb'), { recursive: true });
  await lab.scan();
  t.true(lab.index.get(at('usb/file'))!.deleted);
});

test('a link in the place of a folder hides what was in it', async (t) => {
  const lab = await scanLab(t);
  await mkdir(lab.path('sub'));
  await writeFile(lab.path('sub/file'), 'content');
  await lab.scan();
  await rename(lab.path('sub'), lab.path('../outside'));
  await symlink('../outside', lab.path('sub'));
  await lab.scan();
  for (const entry of ['sub', 'sub/file']) t.true(lab.index.get(parseRelativePath(entry))!.deleted, entry);
  t.is(await lab.index.refresh(parseRelativePath('sub/file')).then((entry) => entry?.deleted), true);
});

test('where not everything can be watched, scans come every ten seconds, and the setting is named', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  const { clock } = lab;
  await lab.index.rescan();
  watcher.events.emit('failed', lab.folder, 'ENOSPC');
  const [problem] = lab.index.problems;
  t.is(problem?.code, 'WATCH_LIMIT');
  t.is(problem?.params.setting, 'fs.inotify.max_user_watches');
  t.true(lab.logged.some(({ event }) => event === 'watch.limited'));
  await writeFile(lab.path('a'), 'a');
  const solved = new Promise((resolve) => lab.index.events.once('problem', resolve));
  for (let second = 0; second < 9; second += 1) await clock.advance(1000);
  t.is(lab.hasher.count, 0);
  await clock.advance(1000);
  t.deepEqual(await solved, []);
  while (!lab.index.get(parseRelativePath('a'))) await clock.advance(1);
  t.deepEqual(lab.index.problems, []);
});

test('when the system may have dropped events, everything is scanned', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await lab.index.rescan();
  await writeFile(lab.path('unseen'), 'x');
  for (let event = 0; event <= 16_000; event += 1) {
    watcher.events.emit('touched', lab.folder, `gone-${event}`, 'arrived');
  }
  await lab.clock.advance(1000);
  while (!lab.index.get(parseRelativePath('unseen'))) await lab.clock.advance(1);
  t.is(lab.hasher.count, 1);
});

test('a folder that is missing at the start is waited for', async (t) => {
  const first = await scanLab(t);
  await writeFile(first.path('a'), 'a');
  await first.scan();
  await first.index.stop();
  await rename(first.folder, `${first.folder}-away`);
  const clock = new FakeClock();
  const { folder, database } = first;
  const lab = await sharedFolderLab(t, { folder, database, clock, watcher: () => new IdleWatcher() });
  let isReady = false;
  lab.index.events.once('ready', () => (isReady = true));
  await lab.index.start();
  await clock.advance(60_000);
  t.false(isReady);
  t.deepEqual(
    lab.index.problems.map(({ code }) => code),
    ['FOLDER_MISSING'],
  );
  await rename(`${folder}-away`, folder);
  while (!isReady) await clock.advance(100);
  t.deepEqual(lab.announced, []);
  t.deepEqual(lab.index.problems, []);
});

test('a first scan that the database does not take is complete when it takes it', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a'), 'a');
  const lab = await scanLab(t, undefined, { folder });
  refuseChanges(lab.database, true);
  await t.throwsAsync(lab.scan());
  await lab.clock.advance(10_000);
  t.false(lab.index.isReady);
  refuseChanges(lab.database, false);
  const ready = new Promise<void>((resolve) => lab.index.events.once('ready', resolve));
  await lab.clock.advance(10_000);
  await ready;
  t.true(lab.index.isReady);
  t.truthy(lab.store.get(parseRelativePath('a'))?.hash);
});
