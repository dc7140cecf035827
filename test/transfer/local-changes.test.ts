import { existsSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { silentLogger } from '../../src/core/logger.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { incrementVersion, mergeVersions } from '../../src/model/version-vector.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { LocalChanges } from '../../src/transfer/local-changes.ts';
import { Trash } from '../../src/transfer/trash.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { MemoryCatalogue } from '../support/memory-catalogue.ts';
import { scanLab } from '../support/scan-lab.ts';
import { MemoryDocuments } from '../support/memory-documents.ts';

const other = deviceNamed('other');
const limits = { maxAgeMs: Infinity, maxSize: Infinity };

/** A shared folder with what changes it: `flushed` says which folders are made durable, which `trouble` refuses. */
async function changesLab(t: ExecutionContext) {
  const lab = await scanLab(t);
  const { index, folder, clock } = lab;
  const flushed: string[] = [];
  const trouble = { isOn: false };
  const real = new NodeFileSystem();
  const fileSystem = Object.assign(new NodeFileSystem(), {
    syncDirectory: (path: string) => {
      flushed.push(path.slice(folder.length + 1));
      if (trouble.isOn) return Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
      return real.syncDirectory(path);
    },
  });
  const common = { fileSystem, index, folder, clock, random: systemRandom, logger: silentLogger };
  const trash = new Trash({ ...common, limits, documents: new MemoryDocuments() });
  const catalogue = new MemoryCatalogue();
  const changes = new LocalChanges({ ...common, catalogue, trash, gate: new FolderGate(index) });
  const recorded: string[][] = [];
  const record = index.record.bind(index);
  index.record = (entries) => {
    recorded.push(entries.map(({ path }) => path));
    return record(entries);
  };
  const write = async (...names: string[]) => {
    await mkdir(lab.path('old'), { recursive: true });
    for (const name of names) await writeFile(lab.path(`old/${name}`), name);
    await lab.scan();
    return names.map((name) => index.get(parseRelativePath(`old/${name}`))!);
  };
  const isThere = (name: string) => existsSync(lab.path(name));
  return { ...lab, catalogue, fileSystem, isThere, changes, trash, trouble, flushed, recorded, write };
}

function folderEntry(path: string, version: FileEntry['version']): FileEntry {
  return fileEntry(path, { type: 'directory', size: 0, blocks: new Uint8Array(), hash: undefined, version });
}

/** As it is when another device has changed it. */
function changed(ours: FileEntry, facts: Partial<FileEntry>): FileEntry {
  return { ...ours, ...facts, version: incrementVersion(ours.version, other, 1) };
}

function tombstone(ours: FileEntry): FileEntry {
  return changed(ours, { deleted: true, size: 0, blocks: new Uint8Array(), hash: undefined });
}

function renaming(ours: FileEntry) {
  const path = parseRelativePath(ours.path.replace('old', 'new'));
  return { type: 'rename', ours, tombstone: tombstone(ours), entry: changed(ours, { path }) } as const;
}

test('many changes are flushed and recorded together, new names before old ones', async (t) => {
  const { changes, flushed, recorded, write, index, isThere, trash } = await changesLab(t);
  const [a, b, c, d] = await write('a', 'b', 'c', 'd');
  const adopted = changed(c!, { mtimeUs: c!.mtimeUs - 1_000_000 });
  const outcomes = await Promise.all([
    changes.rename(renaming(a!)),
    changes.rename(renaming(b!)),
    changes.adopt(c!, adopted),
    changes.remove(d!, tombstone(d!)),
  ]);
  t.deepEqual(outcomes, ['done', 'done', 'done', 'done']);
  // The folder of the trash with the record, then with the file, and the place of that; then the renamings.
  const ofTrash = '.compartidos/trash';
  t.deepEqual([...flushed].sort(), [ofTrash, ofTrash, 'old', '', 'new', 'old'].sort());
  t.is(flushed.at(-1), 'old');
  t.deepEqual(recorded, [['new/a', 'old/a', 'new/b', 'old/b', 'old/c', 'old/d']]);
  t.deepEqual(['old/a', 'old/b', 'old/d', 'new/a', 'new/b'].map(isThere), [
    ...[false, false, false],
    ...[true, true],
  ]);
  t.deepEqual(index.get(c!.path)!.version, adopted.version);
  t.deepEqual(
    (await trash.list()).map((item) => item.path),
    [d!.path],
  );
});

test('a folder that is made for a file that is renamed is of the version that the folder has elsewhere', async (t) => {
  const { catalogue, changes, write, scan, index } = await changesLab(t);
  const [a] = await write('a');
  const above = folderEntry('new', [{ device: other, value: 7 }]);
  const third = folderEntry('new', [{ device: deviceNamed('third'), value: 5 }]);
  const gone = { ...folderEntry('new', [{ device: deviceNamed('fourth'), value: 9 }]), deleted: true };
  catalogue.announce(other, 'other', [above]);
  catalogue.announce(deviceNamed('third'), 'third', [third]);
  catalogue.announce(deviceNamed('fourth'), 'fourth', [gone]);
  t.is(await changes.rename(renaming(a!)), 'done');
  await scan();
  // Whoever deletes it knows of it.
  t.deepEqual(index.get(above.path)!.version, mergeVersions(above.version, third.version));
});

for (const what of ['new', 'old'] as const) {
  test(`a file is renamed once more when somebody has just removed the ${what} folder`, async (t) => {
    const { changes, fileSystem, folder, isThere, write } = await changesLab(t);
    const [a, b] = await write('a', 'b');
    t.is(await changes.rename(renaming(b!)), 'done');
    const renameNew = fileSystem.renameNew.bind(fileSystem);
    fileSystem.renameNew = async (from, to) => {
      fileSystem.renameNew = renameNew;
      await rm(join(folder, what), { recursive: true });
      throw Object.assign(new Error(`${from} ${to}`), { code: 'ENOENT' });
    };
    t.is(await changes.rename(renaming(a!)), what === 'new' ? 'done' : 'changed');
    t.is(isThere('new/a'), what === 'new');
  });
}

test('of two changes of one file in one moment the second finds what the first has made of it', async (t) => {
  const { changes, write, index } = await changesLab(t);
  const [a] = await write('a');
  const adopted = changed(a!, { mtimeUs: a!.mtimeUs - 1_000_000 });
  const outcomes = await Promise.all([changes.adopt(a!, adopted), changes.remove(a!, tombstone(a!))]);
  t.deepEqual(outcomes, ['done', 'changed']);
  t.like(index.get(a!.path), { deleted: false, version: adopted.version });
});

test('a change that cannot be made keeps none from being made that goes with it', async (t) => {
  const { changes, write, index, isThere, ...lab } = await changesLab(t);
  const [a, b] = await write('a', 'b');
  await mkdir(lab.path('new'));
  await writeFile(lab.path('new/a'), 'ours');
  const gone = { ...a!, path: parseRelativePath('old/none') };
  const outcomes = await Promise.all([
    changes.rename(renaming(a!)),
    changes.rename(renaming(b!)),
    changes.remove(gone, tombstone(gone)),
  ]);
  t.deepEqual(outcomes, ['changed', 'done', 'changed']);
  t.deepEqual(['old/a', 'new/a', 'old/b', 'new/b'].map(isThere), [true, true, false, true]);
  t.false(index.get(a!.path)!.deleted);
});

test("a renaming that could not be recorded is nobody's edit", async (t) => {
  const { changes, write, index, trouble } = await changesLab(t);
  const [a] = await write('a');
  const one = renaming(a!);
  trouble.isOn = true;
  await t.throwsAsync(changes.rename(one), { code: 'EIO' });
  trouble.isOn = false;
  await index.refresh(one.entry.path);
  t.deepEqual(index.get(one.entry.path)!.version, one.entry.version);
});

test('what was decided about a file that was still being hashed is done to it with all its hashes', async (t) => {
  const lab = await scanLab(t);
  const { index, folder } = lab;
  const fileSystem = new NodeFileSystem();
  const noTrash = { discard: () => Promise.reject(new Error()), move: () => Promise.reject(new Error()) };
  const gate = new FolderGate(index);
  const changes = new LocalChanges({
    fileSystem,
    index,
    catalogue: new MemoryCatalogue(),
    gate,
    folder,
    trash: noTrash,
  });
  await writeFile(lab.path('file'), 'x');
  await lab.scan();
  const known = index.get(parseRelativePath('file'))!;
  const ours = { ...known, blocks: new Uint8Array(), hash: undefined };
  const version = incrementVersion(ours.version, deviceNamed('other'), 1);
  const mtimeUs = ours.mtimeUs - 1_000_000;

  t.is(await changes.adopt(ours, { ...ours, version, mtimeUs }), 'done');

  const { blocks, hash, ...facts } = index.get(known.path)!;
  t.deepEqual({ blocks, hash }, { blocks: known.blocks, hash: known.hash });
  t.like(facts, { version, mtimeUs });
  t.is((await fileSystem.lstat(lab.path('file'))).mtimeUs, mtimeUs);
  t.is(await changes.adopt(ours, ours), 'changed');
});

test('what is executable elsewhere becomes so here, and no more when it is not', async (t) => {
  if (process.platform === 'win32') return t.pass('there are no modes');
  const lab = await changesLab(t);
  const { changes, index, write } = lab;
  const [file] = await write('file');
  for (const executable of [true, false]) {
    const ours = index.get(file!.path)!;
    t.is(await changes.adopt(ours, changed(ours, { executable })), 'done');
    t.is(((await stat(lab.path('old/file'))).mode & 0o100) !== 0, executable);
    t.is(index.get(file!.path)!.executable, executable);
  }
});
