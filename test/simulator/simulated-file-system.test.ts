import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { fileSystemContract } from '../contracts/file-system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { AT_ONCE, SimulatedFileSystem } from './simulated-file-system.ts';

function newDisk(seed = 1): { disk: SimulatedDisk; files: SimulatedFileSystem; time: { now: number } } {
  const random = new SeededRandom(seed);
  const time = { now: 1_700_000_000_000 };
  const disk = new SimulatedDisk({
    now: () => time.now,
    elapsed: () => time.now,
    volume: '1',
    next: () => random.next(),
  });
  const files = new SimulatedFileSystem({
    disk,
    fate: () => AT_ONCE,
    sleep: async () => {},
    isAlive: () => true,
  });
  return { disk, files, time };
}

fileSystemContract(test, 'the real one', async (t) => ({
  files: new NodeFileSystem(),
  folder: await temporaryFolder(t),
}));

fileSystemContract(test, 'the simulated one', async () => {
  const { files } = newDisk();
  await files.makeDirectory('/folder');
  return { files, folder: '/folder' };
});

/** What is left of one run of `work` after each of many crashes. */
async function outcomes(
  work: (files: SimulatedFileSystem, time: { now: number }) => Promise<void>,
  look: (disk: SimulatedDisk) => string,
  writebackMs = Infinity,
): Promise<string[]> {
  const found = new Set<string>();
  for (let seed = 1; seed <= 200; seed += 1) {
    const { disk, files, time } = newDisk(seed);
    await files.makeDirectory('/d');
    await files.makeDirectory('/e');
    await files.syncDirectory('/');
    await work(files, time);
    disk.crash(writebackMs);
    found.add(look(disk));
  }
  return [...found].sort();
}

async function write(files: SimulatedFileSystem, path: string, text: string, sync: boolean): Promise<void> {
  const file = await files.open(path, 'create');
  await file.write(Buffer.from(text), 0);
  if (sync) await file.sync();
  await file.close();
}

const names = (disk: SimulatedDisk) =>
  [...disk.files('')].flatMap(([path, { type }]) => (type === 'file' ? path : [])).join(' ');
const content = (path: string) => (disk: SimulatedDisk) =>
  JSON.stringify(disk.find(path)?.data.toString() ?? null);

test('a crash takes or leaves a name that was not flushed', async (t) => {
  t.deepEqual(await outcomes((files) => write(files, '/d/a', 'a', true), names), ['', '/d/a']);
});

test('a crash leaves what was flushed', async (t) => {
  const work = async (files: SimulatedFileSystem) => {
    await write(files, '/d/a', 'a', true);
    await files.syncDirectory('/d');
  };
  t.deepEqual(await outcomes(work, content('/d/a')), ['"a"']);
});

test('a crash leaves a flushed name with content that was not: whole, none, or zeros', async (t) => {
  const work = async (files: SimulatedFileSystem) => {
    await write(files, '/d/a', 'a', false);
    await files.syncDirectory('/d');
  };
  t.deepEqual(await outcomes(work, content('/d/a')), ['""', '"\\u0000"', '"a"']);
});

test('a crash leaves a rename done or not done, never half', async (t) => {
  const work = async (files: SimulatedFileSystem) => {
    await write(files, '/d/a', 'a', true);
    await files.syncDirectory('/d');
    await files.rename('/d/a', '/e/b');
  };
  t.deepEqual(await outcomes(work, names), ['/d/a', '/e/b']);
});

test('a rename that replaces nothing may leave both names, never none', async (t) => {
  const work = async (files: SimulatedFileSystem) => {
    await write(files, '/d/a', 'a', true);
    await files.syncDirectory('/d');
    await files.renameNew('/d/a', '/e/b');
  };
  t.deepEqual(await outcomes(work, names), ['/d/a', '/d/a /e/b', '/e/b']);
});

test('flushing either folder makes a rename durable, and what it rests on', async (t) => {
  const work = async (files: SimulatedFileSystem) => {
    await write(files, '/d/a', 'a', true);
    await files.rename('/d/a', '/e/b');
    await files.syncDirectory('/e');
  };
  t.deepEqual(await outcomes(work, names), ['/e/b']);
});

test('changes that have nothing to do with each other survive alone', async (t) => {
  const work = async (files: SimulatedFileSystem) => {
    await write(files, '/d/a', 'a', true);
    await write(files, '/e/b', 'b', true);
  };
  t.deepEqual(await outcomes(work, names), ['', '/d/a', '/d/a /e/b', '/e/b']);
});

test('what is old enough has been written back', async (t) => {
  const work = async (files: SimulatedFileSystem, time: { now: number }) => {
    await write(files, '/d/a', 'a', false);
    time.now += 10_000;
    await write(files, '/d/b', 'b', true);
  };
  t.deepEqual(await outcomes(work, names, 5000), ['/d/a', '/d/a /d/b']);
});

test('large contents are torn between sectors', async (t) => {
  const work = async (files: SimulatedFileSystem) => {
    await write(files, '/d/a', 'x'.repeat(4096), true);
    const file = await files.open('/d/a', 'write');
    await files.syncDirectory('/d');
    await file.write(Buffer.alloc(4096, 'y'), 0);
  };
  const mixed = (disk: SimulatedDisk) => {
    const text = disk.find('/d/a')!.data.toString();
    return [...new Set(text)].sort().join('');
  };
  t.deepEqual(await outcomes(work, mixed), ['x', 'xy', 'y']);
});

test('a full disk refuses to grow, and nothing else', async (t) => {
  const { disk, files } = newDisk();
  await write(files, '/a', 'x'.repeat(100), true);
  disk.capacity = 150;
  await t.throwsAsync(write(files, '/b', 'x'.repeat(100), true), { code: 'ENOSPC' });
  await files.rename('/a', '/c');
  await files.unlink('/c');
  t.is((await files.space('/')).available, 150);
});
