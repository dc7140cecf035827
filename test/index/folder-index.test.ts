import { chmod, mkdir, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { blake3 } from '../../src/core/blake3.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
import { IdleWatcher } from '../support/idle-watcher.ts';
import { scanLab } from '../support/scan-lab.ts';
import { sharedFolderLab } from '../support/shared-folder-lab.ts';

const at = (path: string) => parseRelativePath(path);
const is = (path: string) => (entry: FileEntry) => entry.path === path && !entry.deleted;
const hashOf = (content: string) => blake3(blake3(Buffer.from(content)));

test('a new folder is made, and what is put there is announced', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await lab.place('a.txt', 'content');
  const entry = await lab.next(is('a.txt'));
  t.is(entry.type, 'file');
  t.is(entry.size, 7);
  t.deepEqual(entry.hash, hashOf('content'));
  t.is(entry.version.length, 1);
  t.is(entry.version[0]!.device, lab.self);
  t.is(entry.sequence, lab.index.sequence);
  t.deepEqual(lab.index.get(at('a.txt')), entry);
});

test('changes, renames, modes, times and deletions are announced with newer versions', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await lab.place('a.txt', 'one');
  let entry = await lab.next(is('a.txt'));
  const expectNewer = async (fits: (entry: FileEntry) => boolean) => {
    const newer = await lab.next(fits);
    t.is(compareVersions(newer.version, entry.version), 'newer');
    entry = newer;
  };
  await lab.place('a.txt', 'two');
  await expectNewer(is('a.txt'));
  t.deepEqual(entry.hash, hashOf('two'));
  await writeFile(lab.path('a.txt'), 'three');
  await expectNewer(is('a.txt'));
  t.deepEqual(entry.hash, hashOf('three'));
  await chmod(lab.path('a.txt'), 0o755);
  await expectNewer((found) => found.path === 'a.txt' && found.executable);
  await utimes(lab.path('a.txt'), 1000, 1000);
  await expectNewer((found) => found.mtimeUs === 1_000_000_000);
  await rename(lab.path('a.txt'), lab.path('b.txt'));
  const moved = await lab.next(is('b.txt'));
  t.deepEqual(moved.hash, hashOf('three'));
  await expectNewer((found) => found.path === 'a.txt' && found.deleted);
  t.true(moved.sequence < entry.sequence, 'the new name comes before the old one goes');
  await unlink(lab.path('b.txt'));
  const gone = await lab.next((found) => found.path === 'b.txt' && found.deleted);
  t.is(gone.size, 0);
  t.is(gone.blocks.length, 0);
  t.is(gone.hash, undefined);
});

test('folders come with what is in them, move and go', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await mkdir(join(lab.folder, '..', 'tree', 'sub', 'empty'), { recursive: true });
  await writeFile(join(lab.folder, '..', 'tree', 'sub', 'file'), 'content');
  // So that nobody takes it for a file that is still being written.
  await utimes(join(lab.folder, '..', 'tree', 'sub', 'file'), 1000, 1000);
  await rename(join(lab.folder, '..', 'tree'), lab.path('tree'));
  await lab.next(is('tree/sub/file'));
  t.is(lab.index.get(at('tree/sub/empty'))?.type, 'directory');
  await lab.place('tree/sub/empty/late', 'x');
  await utimes(lab.path('tree/sub/empty/late'), 1000, 1000);
  await lab.next((entry) => entry.path === 'tree/sub/empty/late' && entry.mtimeUs === 1_000_000_000);
  await rename(lab.path('tree'), lab.path('moved'));
  await lab.next((entry) => entry.path === 'tree' && entry.deleted);
  for (const path of ['sub', 'sub/file', 'sub/empty', 'sub/empty/late']) {
    t.true(lab.index.get(at(`tree/${path}`))!.deleted, path);
    t.false(lab.index.get(at(`moved/${path}`))!.deleted, path);
  }
  await lab.place('moved/sub/again', 'x');
  await lab.next(is('moved/sub/again'));
  await rm(lab.path('moved'), { recursive: true });
  await lab.next((entry) => entry.path === 'moved' && entry.deleted);
  t.true(lab.index.get(at('moved/sub/empty/late'))!.deleted);
});

test('a folder that is made and filled at once is not missed', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  for (let round = 0; round < 10; round += 1) {
    await mkdir(lab.path(`d${round}/e/f`), { recursive: true });
    await writeFile(lab.path(`d${round}/e/f/file`), `${round}`);
  }
  for (let round = 0; round < 10; round += 1) {
    if (!lab.index.get(at(`d${round}/e/f/file`))) await lab.next(is(`d${round}/e/f/file`));
  }
  t.deepEqual(lab.index.get(at('d7/e/f/file'))!.hash, hashOf('7'));
});

test('symbolic links that stay inside are shared as links, others are not', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await mkdir(lab.path('sub'));
  await symlink('../sub', lab.path('sub/inside'));
  const link = await lab.next(is('sub/inside'));
  t.is(link.type, 'symlink');
  t.is(link.target, '../sub');
  await symlink('/etc', lab.path('absolute'));
  await symlink('../../etc', lab.path('sub/outside'));
  await lab.place('last', '');
  await lab.next(is('last'));
  t.is(lab.index.get(at('absolute')), undefined);
  t.is(lab.index.get(at('sub/outside')), undefined);
  t.is(lab.index.get(at('sub/inside/inside')), undefined);
  t.deepEqual(
    lab.index.skipped().map(({ path, reason }) => [path, reason]),
    [
      ['absolute', 'link-outside'],
      ['sub/outside', 'link-outside'],
    ],
  );
  t.true(lab.logged.some(({ event, fields }) => event === 'file.skipped' && fields.path === 'absolute'));
  await unlink(lab.path('sub/inside'));
  await symlink('/etc', lab.path('sub/inside'));
  const withdrawn = await lab.next((entry) => entry.path === 'sub/inside' && entry.deleted);
  t.deepEqual(withdrawn.version, []);
});

test('the next start finds what changed meanwhile, and hashes nothing else', async (t) => {
  const first = await sharedFolderLab(t);
  await first.ready();
  for (const name of ['same', 'changed', 'gone', 'sub/same']) await first.place(name, name);
  await first.next(is('sub/same'));
  await first.index.rescan();
  await first.index.stop();
  await first.place('changed', 'other');
  await first.place('new', 'new');
  await unlink(first.path('gone'));
  const hashed: string[] = [];
  const { InlineHasher } = await import('../../src/index/inline-hasher.ts');
  const { NodeFileSystem } = await import('../../src/core/node-file-system.ts');
  const inline = new InlineHasher(new NodeFileSystem());
  const hasher = {
    hash: (path: string, size: number) => {
      hashed.push(path.slice(first.folder.length + 1));
      return inline.hash(path, size);
    },
    sha256: (path: string) => inline.sha256(path),
  };
  const second = await sharedFolderLab(t, { folder: first.folder, database: first.database, hasher });
  await second.ready();
  t.deepEqual(hashed.toSorted(), ['changed', 'new']);
  t.deepEqual(second.announced.map(({ path, deleted }) => `${deleted ? '-' : ''}${path}`).toSorted(), [
    '-gone',
    'changed',
    'new',
  ]);
});

test('that another disk is mounted is found when it is asked, though no event tells', async (t) => {
  const lab = await sharedFolderLab(t, { watcher: () => new IdleWatcher() });
  await lab.ready();
  await lab.index.verifyFolder();
  await rename(lab.folder, `${lab.folder}-away`);
  await mkdir(lab.folder);
  t.deepEqual(lab.index.problems, []);
  await t.throwsAsync(lab.index.verifyFolder(), { code: 'FOLDER_CHANGED' });
  t.deepEqual(
    lab.index.problems.map(({ code }) => code),
    ['FOLDER_CHANGED'],
  );
});

test('a folder that is missing or has lost its marker deletes nothing', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await lab.place('a', 'a');
  await lab.next(is('a'));
  const before = lab.index.sequence;
  const problem = () =>
    new Promise<string[]>((resolve) =>
      lab.index.events.once('problem', (problems) => resolve(problems.map(({ code }) => code))),
    );
  let told = problem();
  await rename(lab.folder, `${lab.folder}-away`);
  t.deepEqual(await told, ['FOLDER_MISSING']);
  t.is(await lab.index.refresh(at('a')).catch((error: { code: string }) => error.code), 'FOLDER_MISSING');
  told = problem();
  await mkdir(lab.folder);
  t.deepEqual(await told, ['FOLDER_CHANGED']);
  told = problem();
  await rm(lab.folder, { recursive: true });
  await told;
  told = problem();
  await rename(`${lab.folder}-away`, lab.folder);
  t.deepEqual(await told, []);
  t.is(lab.index.sequence, before);
  await lab.place('b', 'b');
  await lab.next(is('b'));
  t.false(lab.index.get(at('a'))!.deleted);
});

test('what is recorded is no local change', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await lab.place('seen', 'x');
  const seen = await lab.next(is('seen'));
  const release = await lab.index.hold([at('received')]);
  await lab.place('received', 'y');
  // Whatever events the file causes, those of this one come later.
  await lab.place('other', 'z');
  await lab.next(is('other'));
  t.is(lab.index.get(at('received')), undefined);
  const { mtimeUs } = (await lab.index.refresh(at('other')))!;
  t.true(mtimeUs > 0);
  const stat = await new (await import('../../src/core/node-file-system.ts')).NodeFileSystem().lstat(
    lab.path('received'),
  );
  const version = [{ device: seen.version[0]!.device, value: 5 }];
  const blocks = blake3(Buffer.from('y'));
  const entry = {
    ...seen,
    path: at('received'),
    version,
    blocks,
    hash: blake3(blocks),
    mtimeUs: stat.mtimeUs,
  };
  const [recorded] = await lab.index.record([entry]);
  t.deepEqual(recorded!.version, version);
  release();
  await lab.index.rescan();
  await lab.place('last', '');
  await lab.next(is('last'));
  t.is(lab.index.get(at('received'))!.sequence, recorded!.sequence);
});

test('a time that the disk cannot hold is no local change either', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await lab.place('seen', 'x');
  const seen = await lab.next(is('seen'));
  const release = await lab.index.hold([at('old')]);
  await lab.place('old', 'y');
  // What a disk with 32 bits for the seconds shows of a file from 1601.
  await utimes(lab.path('old'), String(-(2 ** 31)), String(-(2 ** 31)));
  const blocks = blake3(Buffer.from('y'));
  const mtimeUs = Date.UTC(1601, 0, 1) * 1000;
  const [recorded] = await lab.index.record([
    { ...seen, path: at('old'), blocks, hash: blake3(blocks), mtimeUs },
  ]);
  release();
  await lab.index.rescan();
  await lab.place('last', '');
  await lab.next(is('last'));
  t.like(lab.index.get(at('old')), { sequence: recorded!.sequence, mtimeUs });
});

test('a refresh sees an edit that no event has told of, and a record of something else is looked at', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await lab.place('a', 'one');
  await lab.next(is('a'));
  await writeFile(lab.path('a'), 'edit');
  const fresh = await lab.index.refresh(at('a'));
  t.deepEqual(fresh!.hash, hashOf('edit'));
  await unlink(lab.path('a'));
  t.true((await lab.index.refresh(at('a')))!.deleted);
  t.is(await lab.index.refresh(at('never')), undefined);
  await lab.place('b', 'mine');
  const blocks = blake3(Buffer.from('theirs'));
  const theirs = { ...fresh!, path: at('b'), size: 4, blocks, hash: blake3(blocks) };
  await lab.index.record([theirs]);
  await lab.next((entry) => entry.path === 'b' && Buffer.compare(entry.hash!, hashOf('mine')) === 0);
  t.pass();
});

test('the SHA-256 of a file is computed once, until the file changes', async (t) => {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  await lab.place('a', 'abc');
  await lab.next(is('a'));
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  t.is(Buffer.from((await lab.index.sha256(at('a')))!).toString('hex'), digest);
  t.is(Buffer.from(lab.store.sha256(at('a'))!).toString('hex'), digest);
  await lab.place('a', 'abcd');
  await lab.next(is('a'));
  t.is(lab.store.sha256(at('a')), undefined);
  t.is(await lab.index.sha256(at('none')), undefined);
});

test('it is busy while something waits to be read, and not because something is looked at', async (t) => {
  const lab = await scanLab(t);
  t.true(lab.index.isBusy, 'it has not been scanned');
  await new Promise<void>((resolve) => lab.index.events.once('ready', resolve));
  lab.index.suspect(at('a'));
  t.false(lab.index.isBusy, 'a file that always grows is looked at again and again');
  await writeFile(lab.path('a'), 'a');
  let finish = (): void => undefined;
  lab.hasher.held = new Promise<void>((resolve) => (finish = resolve));
  await lab.index.rescan();
  t.true(lab.index.isBusy);
  finish();
  await lab.scan();
  t.false(lab.index.isBusy);
});
