import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { FolderDisk } from '../../src/index/folder-disk.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
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
  return { ...lab, disk };
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
    const disk = new FolderDisk(folder, new OddDisk(new NodeFileSystem(), oddity));
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
  const files = new TroubledFileSystem(new NodeFileSystem());
  files.trouble = (operation) => (operation === 'lstat' ? undefined : 'EROFS');
  const disk = new FolderDisk(folder, files);
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

test('a name that only the disk refuses is refused before anything is fetched', async (t) => {
  const lab = await oddLab(t, EXFAT_FUSE);
  t.is(await lab.index.refusal(parseRelativePath('folder/what?')), 'forbidden-character');
  t.is(await lab.index.refusal(parseRelativePath('folder/what')), undefined);
});
