import { appendFile, mkdir, open, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { blake3 } from '../../src/core/blake3.ts';
import { ChokidarWatcher } from '../../src/index/chokidar-watcher.ts';
import { ARRIVAL_DELAY, QUIET_TIME } from '../../src/index/write-guard.ts';
import { blockCount, HASH_BYTES } from '../../src/model/block-layout.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { IGNORE_FILE, parseRelativePath } from '../../src/model/relative-path.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { sharedFolderLab } from '../support/shared-folder-lab.ts';

const is = (path: string) => (entry: FileEntry) => entry.path === path && !entry.deleted;

/** A shared folder on the disk, with real events, whose time passes only when the test says so. */
async function stillLab(t: ExecutionContext) {
  const clock = new FakeClock(Date.now());
  const watcher = new ChokidarWatcher();
  const lab = await sharedFolderLab(t, { clock, watcher: () => watcher });
  const touched: string[] = [];
  watcher.events.on('touched', (_, name, how) => touched.push(`${name} ${how}`));
  let isReady = false;
  lab.index.events.once('ready', () => (isReady = true));
  await lab.index.start();
  while (!isReady) await clock.advance(0);
  /** Waits until the system has told of it. */
  const told = async (event: string) => {
    while (!touched.includes(event)) await clock.advance(0);
    touched.splice(0);
  };
  /** Waits for input and output, but lets no time pass. */
  const untilAnnounced = async (fits: (entry: FileEntry) => boolean) => {
    let found: FileEntry | undefined;
    while (!(found = lab.announced.find(fits))) await clock.advance(0);
    lab.announced.splice(0);
    return found;
  };
  return { ...lab, clock, told, untilAnnounced };
}

test('a file that is moved there is announced after the delay for a burst, and nothing else', async (t) => {
  const lab = await stillLab(t);
  await lab.place('moved', 'content');
  await lab.told('moved arrived');
  await lab.clock.advance(ARRIVAL_DELAY);
  t.is((await lab.untilAnnounced(is('moved'))).size, 7);
  await lab.place('moved', 'other content');
  await lab.told('moved arrived');
  await lab.clock.advance(ARRIVAL_DELAY);
  t.is((await lab.untilAnnounced(is('moved'))).size, 13);
  t.true(ARRIVAL_DELAY < 100);
});

test('a file that is written in pieces is announced once, whole, when it has been quiet', async (t) => {
  const lab = await stillLab(t);
  for (let piece = 0; piece < 10; piece += 1) {
    await appendFile(lab.path('log'), 'x'.repeat(1000));
    await lab.told('log written');
    await lab.clock.advance(QUIET_TIME - 10);
  }
  t.deepEqual(lab.announced, []);
  await lab.clock.advance(10);
  const entry = await lab.untilAnnounced(is('log'));
  t.is(entry.size, 10_000);
  t.true(QUIET_TIME < 450);
});

test('a file that is written over is what it was until it has been quiet', async (t) => {
  const lab = await stillLab(t);
  await lab.place('file', 'old');
  await lab.told('file arrived');
  await lab.clock.advance(ARRIVAL_DELAY);
  await lab.untilAnnounced(is('file'));
  const file = await open(lab.path('file'), 'w');
  await lab.told('file written');
  await lab.clock.advance(QUIET_TIME - 10);
  await file.write('new, and longer');
  await lab.told('file written');
  await lab.clock.advance(QUIET_TIME - 10);
  t.is(lab.index.get(parseRelativePath('file'))!.size, 3);
  await file.close();
  await lab.clock.advance(10);
  t.is((await lab.untilAnnounced(is('file'))).size, 15);
});

test('an empty file that was just made may be about to be written', async (t) => {
  const lab = await stillLab(t);
  const file = await open(lab.path('file'), 'w');
  // The disk has a clock of its own, which has gone on.
  lab.clock.skip(Math.max(0, Math.floor((await file.stat()).ctimeMs) - lab.clock.now()));
  await lab.told('file arrived');
  await lab.clock.advance(ARRIVAL_DELAY);
  // Another one, so that the first has been looked at.
  await lab.place('other', 'x');
  await lab.told('other arrived');
  await lab.clock.advance(ARRIVAL_DELAY);
  await lab.untilAnnounced(is('other'));
  t.is(lab.index.get(parseRelativePath('file')), undefined);
  await lab.clock.advance(QUIET_TIME);
  t.is((await lab.untilAnnounced(is('file'))).size, 0);
  await file.write('late');
  await lab.told('file written');
  await lab.clock.advance(QUIET_TIME);
  const late = await lab.untilAnnounced(is('file'));
  t.is(late.size, 4);
  await file.close();
});

test('a deletion is announced soon', async (t) => {
  const lab = await stillLab(t);
  await lab.place('file', 'x');
  await lab.told('file arrived');
  await lab.clock.advance(ARRIVAL_DELAY);
  await lab.untilAnnounced(is('file'));
  await unlink(lab.path('file'));
  await lab.told('file arrived');
  await lab.clock.advance(ARRIVAL_DELAY);
  t.true((await lab.untilAnnounced(({ path }) => path === 'file')).deleted);
});

test('a long file is announced while it is read, under one version', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  const size = 600 * 1024 * 1024;
  const outside = join(lab.folder, '..', 'large');
  const file = await open(outside, 'w');
  await file.truncate(size);
  await file.close();
  await rename(outside, lab.path('large'));
  const first = await lab.next(is('large'));
  t.is(first.hash, undefined);
  t.is(first.size, size);
  t.true(first.blocks.length > 0 && first.blocks.length < blockCount(size) * HASH_BYTES);
  const last = await lab.next((entry) => entry.path === 'large' && entry.hash !== undefined);
  t.is(compareVersions(last.version, first.version), 'equal');
  t.is(last.blocks.length, blockCount(size) * HASH_BYTES);
  t.deepEqual(last.blocks.slice(0, first.blocks.length), first.blocks);
  t.deepEqual(last.hash, blake3(last.blocks));
});

test('the patterns of a folder are taken up when they change', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await lab.place('sub/a.log', 'log');
  await lab.place('sub/deep/b.log', 'log');
  if (!lab.index.get(parseRelativePath('sub/deep/b.log'))) await lab.next(is('sub/deep/b.log'));
  await lab.place(`sub/${IGNORE_FILE}`, '*.log');
  const withdrawn = await lab.next((entry) => entry.path === 'sub/deep/b.log' && entry.deleted);
  t.deepEqual(withdrawn.version, []);
  await lab.place('sub/c.log', 'log');
  await lab.place('sub/d.txt', 'text');
  await lab.next(is('sub/d.txt'));
  t.is(lab.index.get(parseRelativePath('sub/c.log')), undefined);
  await unlink(lab.path(`sub/${IGNORE_FILE}`));
  await lab.next(is('sub/c.log'));
  t.pass();
});

test('names in another normal form keep their spelling on the disk', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  const [composed, decomposed] = ['\u00f1', 'n\u0303'];
  await lab.place(`${decomposed}/${decomposed}.txt`, 'one');
  const path = parseRelativePath(`${composed}/${composed}.txt`);
  if (!lab.index.get(path)) await lab.next(is(path));
  t.is(lab.index.locate(path), lab.path(`${decomposed}/${decomposed}.txt`));
  t.is(lab.index.locate(parseRelativePath(`${composed}/new`)), lab.path(`${decomposed}/new`));
  await lab.place(`${decomposed}/${composed}.txt`, 'twin');
  await lab.place('last', '');
  await lab.next(is('last'));
  t.is(lab.index.get(path)!.size, 3);
  t.deepEqual(lab.index.skipped(), [{ path: `${decomposed}/${composed}.txt`, reason: 'twin' }]);
  await unlink(lab.path(`${decomposed}/${decomposed}.txt`));
  await lab.next((entry) => entry.path === path && entry.deleted);
  await lab.index.rescan();
  const twin = await lab.next(is(path));
  t.is(twin.size, 4);
});

test('nothing is missed while folders are made, moved and removed under way', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  for (let round = 0; round < 8; round += 1) {
    await mkdir(lab.path('work/in'), { recursive: true });
    await writeFile(lab.path('work/in/file'), `${round}`);
    await rename(lab.path('work'), lab.path(`done-${round}`));
    await rm(lab.path(`done-${round - 2}`), { recursive: true, force: true });
  }
  await lab.place('done-7/in/last', 'x');
  const live = () =>
    lab.index
      .after(0, 1000)
      .filter(({ deleted, type }) => !deleted && type === 'file')
      .map(({ path }) => path as string)
      .toSorted();
  while (live().join() !== 'done-6/in/file,done-7/in/file,done-7/in/last') {
    await new Promise<void>((resolve) => lab.index.events.once('changed', () => resolve()));
  }
  t.pass();
});
