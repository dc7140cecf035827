import { chmod, mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { FolderDisk } from '../../src/index/folder-disk.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
import { QUIET_TIME } from '../../src/index/write-guard.ts';
import { deviceNamed } from '../support/entries.ts';
import { IdleWatcher } from '../support/idle-watcher.ts';
import { entryOf } from '../support/lying-peer.ts';
import { OddDisk, type Oddity } from '../support/odd-disk.ts';
import { scanLab } from '../support/scan-lab.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

/** As the driver of Linux shows a stick. */
const EXFAT: Oddity = {
  executable: true,
  storedTimeStep: 10_000,
  changeTimes: 'not stored',
  numbersAnew: true,
  nameRefusal: 'EINVAL',
};
/** The same for one that runs in user space. */
const EXFAT_FUSE: Oddity = {
  executable: true,
  timeStep: 1_000_000,
  changeTimes: 'none',
  numbersAnew: true,
  nameRefusal: 'ENOENT',
};
const there = deviceNamed('there');
const LATER = 1_900_000_000_000;
const WHEN = 1_700_000_001_234_567;

async function oddLab(t: ExecutionContext, oddity: Oddity) {
  const disk = new OddDisk(new NodeFileSystem(), oddity);
  const lab = await scanLab(t, new IdleWatcher(), { files: disk });
  const mountAnew = async () => {
    disk.mountAnew(Date.now() * 1000 + 1_000_000);
    await lab.index.stop();
    await lab.index.start();
    await lab.scan();
  };
  return { ...lab, disk, mountAnew };
}

/** Puts a file in place as a download does. */
async function receive(
  lab: Awaited<ReturnType<typeof oddLab>>,
  path: string,
  facts: { readonly executable: boolean },
) {
  const bytes = Buffer.from(`content of ${path}`);
  const version = [{ device: there, value: LATER }];
  const entry = { ...entryOf(path, bytes, there), version, mtimeUs: WHEN, ...facts };
  await lab.place(path, bytes, WHEN);
  await lab.disk.setExecutable(lab.path(path), entry.executable);
  await lab.index.record([entry]);
  return entry;
}

for (const [name, oddity, expected] of [
  ['every other disk', {}, { hasExecutableBit: true, hasAllNames: true }],
  ['exFAT', EXFAT, { hasExecutableBit: false, hasAllNames: false }],
  ['exFAT in user space', EXFAT_FUSE, { hasExecutableBit: false, hasAllNames: false }],
  [
    'a disk on which nothing is executable',
    { executable: false },
    { hasExecutableBit: false, hasAllNames: true },
  ],
] as const) {
  test(`it is found out what ${name} holds, and nothing is left behind`, async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, '.compartidos'));
    const memory = { meta: () => undefined, setMeta: () => undefined };
    const disk = new FolderDisk(folder, new OddDisk(new NodeFileSystem(), oddity), memory);
    await disk.learn();
    const { hasExecutableBit, hasAllNames } = disk;
    t.deepEqual({ hasExecutableBit, hasAllNames }, expected);
    t.deepEqual(await readdir(join(folder, '.compartidos')), []);
  });
}

test('of a disk that is read-only the marker tells', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, '.compartidos'));
  const marker = join(folder, '.compartidos', 'marker');
  await writeFile(marker, '');
  const memory = { meta: () => undefined, setMeta: () => undefined };
  const files = new TroubledFileSystem(new NodeFileSystem());
  files.trouble = (operation) => (operation === 'lstat' ? undefined : 'EROFS');
  const disk = new FolderDisk(folder, files, memory);
  await disk.learn();
  t.true(disk.hasExecutableBit);
  await chmod(marker, 0o777);
  await disk.learn();
  t.false(disk.hasExecutableBit);
});

for (const executable of [true, false]) {
  test(`where all files show executable ${executable}, none of them is made so by that`, async (t) => {
    const lab = await oddLab(t, { executable });
    await writeFile(lab.path('own'), 'own');
    const received = [
      await receive(lab, 'script', { executable: true }),
      await receive(lab, 'text', { executable: false }),
    ];
    await lab.scan();
    t.false(lab.index.get(parseRelativePath('own'))!.executable);
    const { sequence } = lab.index;
    for (const path of ['own', 'script', 'text']) await chmod(lab.path(path), 0o700);
    await lab.scan();
    t.is(lab.index.sequence, sequence);
    for (const { path, version, executable: wanted } of received) {
      const entry = lab.index.get(path)!;
      t.is(compareVersions(entry.version, version), 'equal', path);
      t.is(entry.executable, wanted);
    }
    // An edit keeps what it was.
    await lab.place('script', 'edited');
    await lab.scan();
    t.true(lab.index.get(parseRelativePath('script'))!.executable);
  });
}

for (const [name, oddity] of [
  ['exFAT', EXFAT],
  ['exFAT in user space', EXFAT_FUSE],
] as const) {
  test(`a disk with ${name} that was put in again is not read again, and says nothing new`, async (t) => {
    const lab = await oddLab(t, oddity);
    await mkdir(lab.path('folder'));
    await writeFile(lab.path('folder/own'), 'own');
    const received = await receive(lab, 'received', { executable: false });
    await lab.scan();
    const { sequence } = lab.index;
    const { count } = lab.hasher;
    for (let round = 0; round < 2; round += 1) await lab.mountAnew();
    t.is(lab.hasher.count, count);
    t.is(lab.index.sequence, sequence);
    t.is(lab.index.get(received.path)!.mtimeUs, WHEN);
    // What was changed while it was elsewhere is read, whatever its size.
    await writeFile(lab.path('folder/own'), 'new');
    await utimes(lab.path('folder/own'), 1_800_000_000, 1_800_000_000);
    await lab.mountAnew();
    t.is(lab.hasher.count, count + 1);
    t.is(lab.index.after(sequence, 10).length, 1);
  });
}

test('a file that has to be read again because its time is held less exactly is no edit', async (t) => {
  const lab = await oddLab(t, EXFAT);
  const { path, version } = await receive(lab, 'received', { executable: false });
  await lab.index.stop();
  lab.disk.mountAnew(Date.now() * 1000 + 1_000_000);
  await lab.index.start();
  await lab.index.refresh(path);
  t.is(compareVersions(lab.index.get(path)!.version, version), 'equal');
  t.is(lab.index.get(path)!.mtimeUs, WHEN);
});

test('what was deleted while a disk was elsewhere is missed, though all its folders have other numbers', async (t) => {
  const lab = await oddLab(t, EXFAT);
  await mkdir(lab.path('folder/below'), { recursive: true });
  for (const name of ['kept', 'deleted']) await writeFile(lab.path(`folder/below/${name}`), name);
  await lab.scan();
  await lab.mountAnew();
  await rm(lab.path('folder/below/deleted'));
  await lab.mountAnew();
  t.true(lab.index.get(parseRelativePath('folder/below/deleted'))!.deleted);
  t.false(lab.index.get(parseRelativePath('folder/below/kept'))!.deleted);
  t.false(lab.logged.some(({ event }) => event === 'folder.unmounted'));
});

test('two writes within the two seconds of FAT are told apart, though size and times are the same', async (t) => {
  const watcher = new IdleWatcher();
  const files = new OddDisk(new NodeFileSystem(), { timeStep: 2_000_000, changeTimes: 'none' });
  const lab = await scanLab(t, watcher, { files });
  const path = parseRelativePath('file');
  const start = Math.ceil(lab.clock.now() / 2000) * 2000;
  const write = async (content: string, at: number) => {
    const { count } = lab.hasher;
    await lab.clock.advance(at - lab.clock.now());
    await writeFile(lab.path(path), content);
    await utimes(lab.path(path), at / 1000, at / 1000);
    watcher.events.emit('touched', lab.folder, path, 'written');
    await lab.clock.advance(QUIET_TIME);
    // A machine that is busy.
    while (lab.hasher.count === count) await lab.clock.advance(1);
    await lab.hasher.idle();
    await lab.clock.advance(1);
    return lab.index.get(path)?.hash;
  };
  const first = await write('first', start);
  const second = await write('later', start + 1900);
  t.truthy(first);
  t.notDeepEqual(second, first);
});

test('a name that only the disk refuses is refused before anything is fetched', async (t) => {
  const lab = await oddLab(t, EXFAT_FUSE);
  t.is(await lab.index.refusal(parseRelativePath('folder/what?')), 'forbidden-character');
  t.is(await lab.index.refusal(parseRelativePath('folder/what')), undefined);
  t.is(await lab.index.refusal(parseRelativePath('folder./what')), 'trailing-dot-or-space');
  t.is(await lab.index.refusal(parseRelativePath('COMPAR~1/what')), 'reserved');
});

test('what answers to a name in another case is another file, also when somebody is about to decide about it', async (t) => {
  const files = new OddDisk(new NodeFileSystem(), { caseBlind: true });
  const lab = await scanLab(t, undefined, { files });
  await writeFile(lab.path('Name'), 'content');
  t.is(await lab.index.refresh(parseRelativePath('name')), undefined);
  t.is(await lab.index.refusal(parseRelativePath('name')), 'twin');
  t.like(await lab.index.refresh(parseRelativePath('Name')), { deleted: false, size: 7 });
  t.deepEqual(
    lab.announced.map(({ path }) => String(path)),
    ['Name'],
  );
});

test('a name that only got another case is not there any more, although the disk still answers to it', async (t) => {
  const watcher = new IdleWatcher();
  const files = new OddDisk(new NodeFileSystem(), { caseBlind: true });
  const lab = await scanLab(t, watcher, { files });
  await writeFile(lab.path('name'), 'content');
  await lab.scan();
  await rename(lab.path('name'), lab.path('Name'));
  for (const name of ['name', 'Name']) watcher.events.emit('touched', lab.folder, name, 'arrived');
  while (!lab.index.get(parseRelativePath('name'))!.deleted) await lab.clock.advance(10);
  await lab.hasher.idle();
  const { count } = lab.hasher;
  watcher.events.emit('touched', lab.folder, 'name', 'arrived');
  for (let turn = 0; turn < 20; turn += 1) await lab.clock.advance(100);
  t.is(lab.hasher.count, count, 'nobody reads it again');
  t.like(lab.index.get(parseRelativePath('Name')), { deleted: false, size: 7 });
});

test('a change of the mode that no time tells of is seen, by a scan and by who is about to decide', async (t) => {
  const lab = await oddLab(t, { changeTimes: 'none' });
  const tool = parseRelativePath('tool');
  await receive(lab, 'tool', { executable: false });
  await chmod(lab.path('tool'), 0o755);
  await lab.scan();
  t.true(lab.index.get(tool)?.executable);
  await chmod(lab.path('tool'), 0o644);
  t.false((await lab.index.refresh(tool))?.executable);
});
