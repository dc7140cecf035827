import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { ExpectedFiles } from '../../src/index/expected-files.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
import type { VersionVector } from '../../src/model/version-vector.ts';
import { deviceNamed } from '../support/entries.ts';
import { entryOf } from '../support/lying-peer.ts';
import { OddDisk } from '../support/odd-disk.ts';
import { sharedFolderLab } from '../support/shared-folder-lab.ts';
import { testDatabase } from '../support/test-database.ts';

const there = deviceNamed('there');
const LATER = 1_900_000_000_000;
/** Of what arrives, in µs. */
const TIME = 1_700_000_000_000_000;

/** What is about to be put in place, and does not get recorded. */
const arrival = (path: string, bytes: Buffer, value = LATER) => {
  const version: VersionVector = [{ device: there, value }];
  return { ...entryOf(path, bytes, there), version, mtimeUs: TIME };
};

test('what was put in place before a crash and not recorded has the version that it was meant to have', async (t) => {
  const small = Buffer.from('small');
  const large = randomBytes(20 * 1024 * 1024);
  const before = await sharedFolderLab(t);
  await before.ready();
  await before.place('replaced', 'older');
  const older = await before.next(({ path, hash }) => path === 'replaced' && hash !== undefined);
  await before.place('edited', 'here');
  await before.next(({ path, hash }) => path === 'edited' && hash !== undefined);
  before.index.expect([
    arrival('small', small),
    arrival('large', large),
    arrival('replaced', small),
    arrival('edited', small),
    arrival('not there', small),
  ]);
  await before.index.stop();

  await before.place('small', small, TIME);
  await before.place('large', large, TIME);
  await before.place('replaced', small, TIME);
  await before.place('edited', 'here again');
  const after = await sharedFolderLab(t, { database: before.database, folder: before.folder });
  await after.ready();
  const large2 = await after.next(({ path, hash }) => path === 'large' && hash !== undefined);
  t.deepEqual(large2.version, [{ device: there, value: LATER }]);
  t.deepEqual(
    after.announced.filter(({ path }) => path === 'large').map(({ version }) => version),
    [large2.version],
    'nothing else is said of it before',
  );
  const versionOf = (path: string) =>
    after.announced.find((entry) => entry.path === path && entry.hash !== undefined)?.version;
  t.deepEqual(versionOf('small'), [{ device: there, value: LATER }]);
  t.is(compareVersions(versionOf('replaced')!, older.version), 'newer');
  t.true(versionOf('replaced')!.some(({ device }) => device === there));
  t.false(versionOf('edited')!.some(({ device }) => device === there));
});

test('what the system cannot keep of a file, as on Windows, makes no edit of it, recorded or found after a crash', async (t) => {
  const files = new OddDisk(new NodeFileSystem(), { executable: false, timeStep: 1.6 });
  const bytes = Buffer.from('content');
  const wanted = ['recorded', 'crashed'].map((path, number) => ({
    ...arrival(path, bytes),
    mtimeUs: TIME + 7 + 2 * number,
    executable: true,
  }));
  const before = await sharedFolderLab(t, { files });
  await before.ready();
  before.index.expect(wanted);
  for (const { path, mtimeUs } of wanted) {
    const release = await before.index.hold([path]);
    await before.place(path, bytes, mtimeUs);
    t.not((await files.lstat(before.path(path))).mtimeUs, mtimeUs);
    if (path === 'recorded') await before.index.record([wanted[0]!]);
    else await before.index.stop();
    release();
  }
  const after = await sharedFolderLab(t, { files, database: before.database, folder: before.folder });
  await after.ready();
  await after.next(({ path, hash }) => path === 'crashed' && hash !== undefined);
  for (const { path, version, mtimeUs, executable } of wanted) {
    t.like(after.index.get(path), { version, mtimeUs, executable });
  }
});

test('of two that were expected at one path, the last is found, too', (t) => {
  const memory = testDatabase();
  const before = new ExpectedFiles(memory);
  const older = arrival('x', Buffer.from('older'), 1);
  const newer = arrival('x', Buffer.from('newer'), 2);
  const again = arrival('x', Buffer.from('newer'), 3);
  const endOther = before.expect([arrival('other', Buffer.from('other'))]);
  const endOlder = before.expect([older, newer]);
  endOther();
  endOlder();
  before.expect([again]);
  const after = new ExpectedFiles(memory);
  t.deepEqual(after.find(again, true)?.version, again.version);
  t.deepEqual(after.find(older, true)?.version, older.version);
  t.deepEqual(after.leftAt(again.path), [again.version, older.version, newer.version]);
});

test('what an earlier process left is forgotten when all has been looked at', (t) => {
  const memory = testDatabase();
  const before = new ExpectedFiles(memory);
  const [left, ended, under] = ['left', 'ended', 'under way'].map((path) => arrival(path, Buffer.from(path)));
  before.expect([left!]);
  before.expect([ended!])();
  const now = new ExpectedFiles(memory);
  now.expect([under!]);
  now.settle();
  const after = new ExpectedFiles(memory);
  t.deepEqual(after.leftAt(left!.path), []);
  t.deepEqual(after.leftAt(ended!.path), []);
  t.deepEqual(after.leftAt(under!.path), [under!.version]);
});

test('a content that comes back later is an edit', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  const bytes = Buffer.from('bytes');
  lab.index.expect([arrival('file', bytes, 5)]);
  await lab.place('file', bytes, TIME);
  const first = await lab.next(({ path, hash }) => path === 'file' && hash !== undefined);
  t.deepEqual(first.version, [{ device: there, value: 5 }]);
  await lab.place('file', 'edit');
  const edit = await lab.next(({ path, hash }) => path === 'file' && hash !== undefined);
  await lab.place('file', bytes, TIME);
  const back = await lab.next(({ path, hash }) => path === 'file' && hash !== undefined);
  t.is(compareVersions(edit.version, first.version), 'newer');
  t.is(compareVersions(back.version, edit.version), 'newer');
});

test('what comes back with a power failure is of the version that it had, and has not seen what was there since', async (t) => {
  const before = await sharedFolderLab(t);
  await before.ready();
  await before.place('file', 'last');
  const last = await before.next(({ path, hash }) => path === 'file' && hash !== undefined);
  const bytes = Buffer.from('earlier');
  before.index.expect([arrival('file', bytes, 5)]);
  await before.index.stop();

  await before.place('file', bytes, TIME);
  const after = await sharedFolderLab(t, { database: before.database, folder: before.folder });
  await after.ready();
  const back = await after.next(({ path, hash }) => path === 'file' && hash !== undefined);
  t.deepEqual(back.version, [{ device: there, value: 5 }]);
  t.is(compareVersions(back.version, last.version), 'concurrent');
});

test("the same content of another time is somebody else's", async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  const bytes = Buffer.from('bytes');
  lab.index.expect([arrival('file', bytes)]);
  await lab.place('file', bytes, TIME + 1_000_000);
  const found = await lab.next(({ path, hash }) => path === 'file' && hash !== undefined);
  t.false(found.version.some(({ device }) => device === there));
});

test('what a crash has taken away while it was replaced has not been deleted by anybody', async (t) => {
  const before = await sharedFolderLab(t);
  await before.ready();
  for (const path of ['replaced', 'deleted']) {
    await before.place(path, 'older');
    await before.next((entry) => entry.path === path && entry.hash !== undefined);
  }
  before.index.expect([arrival('replaced', Buffer.from('newer'))]);
  await before.index.stop();
  for (const path of ['replaced', 'deleted']) await rm(before.path(path));
  const after = await sharedFolderLab(t, { database: before.database, folder: before.folder });
  await after.ready();
  t.like(after.index.get(parseRelativePath('replaced')), { deleted: true, version: [] });
  const deleted = after.index.get(parseRelativePath('deleted'))!;
  t.true(deleted.deleted && deleted.version.length > 0);
});

test('groups that are put in place at the same time do not replace each other', async (t) => {
  const before = await sharedFolderLab(t);
  await before.ready();
  const bytes = Buffer.from('bytes');
  const [first, second, third] = ['first', 'second', 'third'].map((path) =>
    before.index.expect([arrival(path, bytes)]),
  );
  second!();
  // In the place of the one that is over.
  before.index.expect([arrival('fourth', bytes)]);
  first!();
  third!();
  first!();
  await before.index.stop();

  for (const path of ['first', 'second', 'third', 'fourth']) await before.place(path, bytes, TIME);
  const after = await sharedFolderLab(t, { database: before.database, folder: before.folder });
  await after.ready();
  const isExpected = (path: string) =>
    after.index.get(parseRelativePath(path))!.version.some(({ device }) => device === there);
  t.true(isExpected('first') && isExpected('third') && isExpected('fourth'));
  t.false(isExpected('second'));
});
