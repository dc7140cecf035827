import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { blake3 } from '../../src/core/blake3.ts';
import { IGNORE_FILE } from '../../src/index/ignore-rules.ts';
import { MARKER_FILE } from '../../src/index/shared-folder.ts';
import { ARRIVAL_DELAY } from '../../src/index/write-guard.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
import { CountingHasher } from '../support/counting-hasher.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { IdleWatcher } from '../support/idle-watcher.ts';
import { sharedFolderLab, type SharedFolderLab } from '../support/shared-folder-lab.ts';

/** An index that is never told of anything, so that scans find it all, and whose clock never calls a file fresh. */
async function scanLab(t: ExecutionContext, watcher = new IdleWatcher()) {
  const hasher = new CountingHasher();
  const clock = new FakeClock();
  const lab = await sharedFolderLab(t, { hasher, clock, watcher: () => watcher });
  await lab.index.start();
  const scan = async () => {
    // The second time records what the first had to read.
    for (let round = 0; round < 2; round += 1) {
      await lab.index.rescan();
      await hasher.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return lab.index.rescan();
  };
  return { ...lab, hasher, clock, scan };
}

type Seen = Record<string, string>;

/** What a plain walk of the disk finds. */
function plainWalk(folder: string, below = ''): Seen {
  const seen: Seen = {};
  for (const name of readdirSync(join(folder, below))) {
    const path = below === '' ? name : `${below}/${name}`;
    if (path === '.compartidos') continue;
    const stat = lstatSync(join(folder, path));
    if (stat.isSymbolicLink()) seen[path] = `-> ${readlinkSync(join(folder, path))}`;
    else if (stat.isDirectory()) Object.assign(seen, { [path]: 'folder' }, plainWalk(folder, path));
    else seen[path] = Buffer.from(blake3(readFileSync(join(folder, path)))).toString('hex') + stat.mtimeMs;
  }
  return seen;
}

/** The same, from the index. */
function indexed({ index }: SharedFolderLab): Seen {
  const seen: Seen = {};
  for (const { path, type, deleted, target, blocks, mtimeUs, size } of index.after(0, 100_000)) {
    if (deleted) continue;
    if (type === 'directory') seen[path] = 'folder';
    else if (type === 'symlink') seen[path] = `-> ${target}`;
    else seen[path] = Buffer.from(size === 0 ? blake3(blocks) : blocks).toString('hex') + mtimeUs / 1000;
  }
  return seen;
}

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
