import { mkdir, unlink, writeFile } from 'node:fs/promises';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { BackgroundCheck, type BackgroundCheckParts } from '../../src/index/background-check.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { BLOCK } from '../support/block-size.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { rot } from '../support/rotten-file.ts';
import { scanLab } from '../support/scan-lab.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const DAY = 86_400_000;
const KIB = 1024;

type Lab = Awaited<ReturnType<typeof scanLab>>;
type Part = BackgroundCheckParts['contents']['part'];

/** A check of `lab` in a time of its own, and what it has read: paths with their first blocks. */
function backgroundCheck(lab: Lab, { clock = new FakeClock(), isBusy = (): boolean => false } = {}) {
  const read: string[] = [];
  let reading: Promise<unknown> = Promise.resolve();
  const part: Part = (facts, first, budget, signal) => {
    read.push(`${facts.path} ${first}`);
    const result = lab.index.contents.part(facts, first, budget, signal);
    reading = Promise.all([reading, result]);
    return result;
  };
  const logged: string[] = [];
  const log = (event: string) => void logged.push(event);
  const logger = { debug: log, info: log, warn: log, error: log };
  const { store, database: memory } = lab;
  const check = new BackgroundCheck({ contents: { part }, store, memory, isBusy, clock, logger });
  /** Lets ten seconds pass, and what is read in them be read. */
  const step = async () => {
    await clock.advance(10_000);
    for (let before; before !== reading;) {
      before = reading;
      await before;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const round = async () => {
    while (!logged.includes('check.done')) await step();
    logged.length = 0;
  };
  return { check, clock, read, logged, step, round };
}

async function filled(t: Parameters<typeof scanLab>[0], files: Record<string, number>): Promise<Lab> {
  const lab = await scanLab(t);
  await mkdir(lab.path('folder'));
  for (const [name, size] of Object.entries(files)) await writeFile(lab.path(name), Buffer.alloc(size, name));
  await lab.scan();
  return lab;
}

test('a round reads every file once, a month after the one before, and finds what rotted', async (t) => {
  const lab = await filled(t, { a: 10, 'folder/b': 10, c: 0, d: 200 * KIB });
  const { check, clock, read, round } = backgroundCheck(lab);
  await check.start();
  await clock.advance(30 * DAY - 1);
  t.deepEqual(read, []);
  await rot(lab, 'folder/b', Buffer.alloc(10, 'x'));
  await clock.advance(2);
  await round();
  t.deepEqual(read, ['a 0', 'c 0', 'd 0', 'folder/b 0']);
  t.deepEqual(lab.store.corrupt.first(10), [parseRelativePath('folder/b')]);
  await clock.advance(29 * DAY);
  t.is(read.length, 4);
  await clock.advance(DAY);
  await round();
  t.is(read.length, 8);
  await check.stop();
  await check.stop();
  t.is(clock.pending, 0);
});

test('it reads a megabyte a second, a large file in pieces, and goes on there after a restart', async (t) => {
  const mib = KIB * KIB;
  const lab = await filled(t, { big: 48 * mib, small: 10 });
  const first = backgroundCheck(lab);
  await first.check.start();
  await first.clock.advance(30 * DAY);
  await first.step();
  await first.step();
  await first.check.stop();
  t.is(first.clock.pending, 0);
  const firstBlocks = first.read.map((one) => Number(one.split(' ')[1]));
  t.true(firstBlocks.length >= 2);
  for (const [index, block] of firstBlocks.entries()) {
    const bytes = (block - (firstBlocks[index - 1] ?? 0)) * BLOCK;
    t.true(bytes <= 10.5e6, `${bytes} bytes in ten seconds`);
  }
  const second = backgroundCheck(lab, { clock: new FakeClock(first.clock.now()) });
  await second.check.start();
  await second.round();
  t.true(Number(second.read[0]!.split(' ')[1]) > firstBlocks.at(-1)!);
  t.is(second.read.at(-1), 'small 0');
  await second.check.stop();
  const third = backgroundCheck(lab, { clock: new FakeClock(second.clock.now()) });
  await third.check.start();
  await third.step();
  t.deepEqual(third.read, [], 'that the round is over is remembered');
  await third.check.stop();
});

test('it waits while there is something else to do', async (t) => {
  const lab = await filled(t, { a: 10 });
  let isBusy = true;
  const { check, clock, read, step, round } = backgroundCheck(lab, { isBusy: () => isBusy });
  await check.start();
  await clock.advance(30 * DAY);
  for (let time = 0; time < 10; time += 1) await step();
  t.deepEqual(read, []);
  isBusy = false;
  await round();
  t.deepEqual(read, ['a 0']);
  await check.stop();
});

test('many files are spread in time, and what comes and goes meanwhile is no hindrance', async (t) => {
  const names = Array.from({ length: 300 }, (_, number) => `file ${String(number).padStart(3, '0')}`);
  const lab = await filled(t, Object.fromEntries(names.map((name) => [name, 1])));
  const { check, clock, read, step, round } = backgroundCheck(lab);
  await check.start();
  await clock.advance(30 * DAY);
  await step();
  t.true(read.length > 0 && read.length < 100);
  for (const name of [names[0]!, names[299]!, read.at(-1)!.slice(0, -2)]) await unlink(lab.path(name));
  await writeFile(lab.path('file 150 and a half'), 'new');
  await lab.scan();
  await round();
  const expected = names.slice(0, -1).map((name) => `${name} 0`);
  t.deepEqual(read, expected.toSpliced(151, 0, 'file 150 and a half 0'));
  await check.stop();
});

test('a file that the disk cannot read is told of, and the others are read', async (t) => {
  const lab = await filled(t, { a: 10, b: 10 });
  const files = new TroubledFileSystem(new NodeFileSystem());
  files.trouble = (operation, path) => (operation === 'open' && path === lab.path('a') ? 'EIO' : undefined);
  const troubled = await scanLab(t, undefined, { folder: lab.folder, database: lab.database, files });
  await troubled.scan();
  const { check, clock, read, round } = backgroundCheck(troubled);
  await check.start();
  await clock.advance(30 * DAY);
  await round();
  t.deepEqual(read, ['a 0', 'b 0']);
  t.deepEqual(
    troubled.logged.filter(({ event }) => event === 'file.unreadable').map(({ fields }) => fields),
    [{ path: 'a', reason: 'EIO' }],
  );
  t.deepEqual(troubled.store.corrupt.first(1), []);
  await check.stop();
});

test('a bad block is enough, and the rest of the file is not read', async (t) => {
  const size = 40 * KIB * KIB;
  const lab = await filled(t, { big: size });
  const content = Buffer.alloc(size, 'big');
  content[KIB * KIB] = 0;
  await rot(lab, 'big', content);
  const { check, clock, read, round } = backgroundCheck(lab);
  await check.start();
  await clock.advance(30 * DAY);
  await round();
  t.deepEqual(read, ['big 0']);
  t.deepEqual(lab.store.corrupt.first(1), [parseRelativePath('big')]);
  await check.stop();
});

test('stopped while it reads, it ends at once and reads that again', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const lab = await scanLab(t, undefined, { files });
  for (const name of ['a', 'b']) await writeFile(lab.path(name), name);
  await lab.scan();
  await rot(lab, 'b', Buffer.from('x'));
  const first = backgroundCheck(lab);
  files.trouble = (operation, path) => {
    if (operation === 'read' && path === lab.path('b')) void first.check.stop();
    return undefined;
  };
  await first.check.start();
  await first.clock.advance(30 * DAY);
  await first.step();
  t.deepEqual(first.read, ['a 0', 'b 0']);
  t.is(first.clock.pending, 0);
  t.is(lab.store.corrupt.count, 0);
  files.trouble = () => undefined;
  const second = backgroundCheck(lab, { clock: new FakeClock(first.clock.now()) });
  await second.check.start();
  await second.round();
  t.deepEqual(second.read, ['b 0']);
  t.is(lab.store.corrupt.count, 1);
  await second.check.stop();
});

test('what fails is told of, and the round goes on an hour later behind it', async (t) => {
  const lab = await filled(t, { a: 10, b: 10 });
  const clock = new FakeClock();
  const { store, database: memory } = lab;
  const read: string[] = [];
  const logged: string[] = [];
  const log = (event: string) => void logged.push(event);
  const part: Part = async ({ path }) => {
    read.push(path);
    if (path === 'a') throw new Error('broken');
    return { bytes: 10, next: undefined };
  };
  const logger = { debug: log, info: log, warn: log, error: log };
  const check = new BackgroundCheck({
    ...{ contents: { part }, store, memory, isBusy: () => false, clock, logger },
  });
  await check.start();
  await clock.advance(30 * DAY + 10_000);
  t.deepEqual([read, logged], [['a'], ['check.failed']]);
  await clock.advance(3_600_000);
  t.deepEqual(
    [read, logged],
    [
      ['a', 'b'],
      ['check.failed', 'check.done'],
    ],
  );
  await check.stop();
});
