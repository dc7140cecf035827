import test, { type ExecutionContext } from 'ava';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import { incrementVersion } from '../../src/model/version-vector.ts';
import { conflictName } from '../../src/sync/names.ts';
import { Conflicts } from '../../src/transfer/conflicts.ts';
import { PlainFileMaker } from '../../src/transfer/file-maker.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { IncomingFolder } from '../../src/transfer/incoming-folder.ts';
import { LocalChanges } from '../../src/transfer/local-changes.ts';
import { Placer, type Arrival } from '../../src/transfer/placer.ts';
import { Trash } from '../../src/transfer/trash.ts';
import { SimulatedDisk } from '../simulator/simulated-disk.ts';
import { AT_ONCE, SimulatedFileSystem } from '../simulator/simulated-file-system.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryCatalogue } from '../support/memory-catalogue.ts';
import { MemoryIndex } from '../support/memory-index.ts';
import { MemoryDocuments } from '../support/memory-documents.ts';

const self = deviceNamed('us');
const other = deviceNamed('other');
const FOLDER = '/shared';
const PRIVATE = `${FOLDER}/.compartidos`;
const NEW = 'new content';
const path = parseRelativePath('a/b/file');

/** What nothing else than a flush keeps, with what the disk throws for it: new names, or new contents under names. */
const LOST = { names: 0.999, contents: 0 };

/** A shared folder on a disk of which nothing of a kind survives a power failure but what was flushed. */
async function setUp(lost: keyof typeof LOST) {
  const clock = new FakeClock();
  const disk = new SimulatedDisk({
    ...{ now: () => clock.now(), elapsed: () => clock.monotonic(), volume: '1' },
    next: () => LOST[lost],
  });
  const fileSystem = new SimulatedFileSystem({
    ...{ disk, fate: () => AT_ONCE, sleep: async () => {}, isAlive: () => true },
  });
  for (const folder of [FOLDER, PRIVATE]) await fileSystem.makeDirectory(folder);
  const index = new MemoryIndex(fileSystem, FOLDER, self);
  const catalogue = new MemoryCatalogue();
  const incoming = new IncomingFolder(fileSystem, FOLDER);
  await incoming.prepare();
  const limits = { maxAgeMs: Infinity, maxSize: Infinity };
  const parts = { fileSystem, index, catalogue, incoming, folder: FOLDER, gate: new FolderGate(index) };
  const trash = new Trash({
    ...parts,
    ...{ limits, clock, random: systemRandom, logger: silentLogger },
    documents: new MemoryDocuments(),
  });
  const maker = new PlainFileMaker(fileSystem);
  const flushed = async () => {
    for (const [name, { type }] of disk.files('')) {
      if (type === 'directory') await fileSystem.syncDirectory(name || '/');
      else if (type === 'file') await (await fileSystem.open(name, 'read')).sync();
    }
  };
  const write = async (to: string, text: string): Promise<FileEntry> => {
    const names = to.split('/').slice(0, -1);
    for (let depth = 1; depth <= names.length; depth += 1) {
      const folder = `${FOLDER}/${names.slice(0, depth).join('/')}`;
      if (!disk.find(folder)) await fileSystem.makeDirectory(folder);
    }
    const file = await fileSystem.open(`${FOLDER}/${to}`, 'create');
    await file.write(Buffer.from(text), 0);
    await file.close();
    await flushed();
    return (await index.refresh(parseRelativePath(to)))!;
  };
  const place = (content: FileEntry, body: Arrival['body'], asked: Arrival['asked']) =>
    new Placer({ ...parts, self, maker, trash, durability: () => 'full' }).place({
      ...{ id: '1', content, target: path, asked, deviceName: 'other', body },
    });
  const changes = new LocalChanges({ ...parts, trash });
  const ownEntries = () => index.after(0, Infinity);
  const conflicts = new Conflicts({ ...parts, self, ownEntries, trash });
  /** What is there after a power failure: contents by path, those in the trash together. */
  const afterCrash = () => {
    disk.crash(Infinity);
    const found: Record<string, string> = {};
    const discarded: string[] = [];
    for (const [name, { type, data, target }] of disk.files('')) {
      if (type === 'directory' || name.endsWith('.json')) continue;
      if (name.startsWith(`${PRIVATE}/trash`)) discarded.push(data.toString());
      else if (!name.startsWith(PRIVATE)) found[name.slice(FOLDER.length + 1)] = target || data.toString();
    }
    return { found, discarded, isFolder: disk.find(`${FOLDER}/${path}`)?.type === 'directory' };
  };
  return { ...{ fileSystem, incoming, index, write, flushed, place, trash, changes, conflicts, afterCrash } };
}

/** What another device made of what `of` was. */
function changed(of: FileEntry): FileEntry {
  return fileEntry(path, { content: NEW, size: NEW.length, version: incrementVersion(of.version, other, 1) });
}

function afterFailure(
  what: string,
  check: (t: ExecutionContext, lost: keyof typeof LOST) => Promise<void>,
): void {
  for (const lost of ['names', 'contents'] as const) {
    test(`after a power failure that costs ${lost} that were not flushed, ${what}`, (t) => check(t, lost));
  }
}

const fresh = fileEntry(path, { content: NEW, size: NEW.length });

afterFailure(
  'a small file that was placed is there, and the folders that were made for it',
  async (t, lost) => {
    const { place, afterCrash } = await setUp(lost);
    await place(fresh, Buffer.from(NEW), 'person');
    t.deepEqual(afterCrash().found, { [path]: NEW });
  },
);

afterFailure('a large file that was placed is there', async (t, lost) => {
  const { fileSystem, incoming, place, afterCrash } = await setUp(lost);
  const file = await fileSystem.open(incoming.pathOf('1'), 'create');
  await file.write(Buffer.from(NEW), 0);
  await place(fresh, file, 'person');
  t.deepEqual(afterCrash().found, { [path]: NEW });
});

afterFailure('a link and a folder that were placed are there', async (t, lost) => {
  const nothing = { size: 0, blocks: new Uint8Array(), hash: undefined };
  const link = await setUp(lost);
  await link.place({ ...fresh, ...nothing, type: 'symlink', target: 'elsewhere' }, undefined, 'person');
  t.deepEqual(link.afterCrash().found, { [path]: 'elsewhere' });
  const folder = await setUp(lost);
  await folder.place({ ...fresh, ...nothing, type: 'directory' }, undefined, 'person');
  t.true(folder.afterCrash().isFolder);
});

afterFailure('what was replaced is in the trash, and the newer version in place', async (t, lost) => {
  const { write, place, afterCrash } = await setUp(lost);
  await place(changed(await write(path, 'older')), Buffer.from(NEW), 'person');
  t.like(afterCrash(), { found: { [path]: NEW }, discarded: ['older'] });
});

afterFailure('a conflict copy is there, and so is what took its place', async (t, lost) => {
  const { write, place, afterCrash } = await setUp(lost);
  const ours = await write(path, 'ours');
  await place(fresh, Buffer.from(NEW), 'mirror');
  t.deepEqual(afterCrash().found, { [path]: NEW, [conflictName(path, ours)]: 'ours' });
});

afterFailure('what was placed beside ours is there', async (t, lost) => {
  const { write, place, afterCrash } = await setUp(lost);
  await write(path, 'ours');
  const beside = await place(fresh, Buffer.from(NEW), 'person');
  t.deepEqual(afterCrash().found, { [path]: 'ours', [beside]: NEW });
});

afterFailure('a conflict that was settled stays settled', async (t, lost) => {
  const { write, conflicts, afterCrash } = await setUp(lost);
  await write(path, 'ours');
  await write(conflictName(path, fresh), 'theirs');
  await conflicts.resolve(path, 'theirs');
  t.like(afterCrash(), { found: { [path]: 'theirs' }, discarded: ['ours'] });
});

afterFailure('what was restored is there, once', async (t, lost) => {
  const { write, trash, index, afterCrash } = await setUp(lost);
  await write(path, 'ours');
  const id = await trash.discard(path, 'deleted');
  await index.refresh(path);
  await trash.restore(id);
  t.like(afterCrash(), { found: { [path]: 'ours' }, discarded: [] });
});

afterFailure('what was discarded is in the trash, and nowhere else', async (t, lost) => {
  const { write, trash, afterCrash } = await setUp(lost);
  await write(path, 'ours');
  await trash.discard(path, 'deleted');
  t.like(afterCrash(), { found: {}, discarded: ['ours'] });
});

afterFailure('what was renamed, and what made way, has its new name', async (t, lost) => {
  const { write, changes, afterCrash } = await setUp(lost);
  const ours = await write(path, 'ours');
  const way = await write('b/way', 'in the way');
  const entry = { ...ours, path: parseRelativePath('c/d/file') };
  await changes.rename({ type: 'rename', ours, tombstone: { ...ours, deleted: true }, entry });
  const copy = await changes.makeWay(way);
  t.deepEqual(afterCrash().found, { [entry.path]: 'ours', [copy!]: 'in the way' });
});
