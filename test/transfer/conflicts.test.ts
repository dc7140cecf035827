import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { conflictName } from '../../src/sync/names.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { Conflicts } from '../../src/transfer/conflicts.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { RulePeer } from '../support/rule-peer.ts';
import { TransferPeer } from '../support/transfer-peer.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const x = parseRelativePath('a/x.txt');
const copyOf = (day: number, writer = 'writer') => {
  const version = [{ device: deviceNamed(writer), value: 1 }];
  return conflictName(x, fileEntry('a/x.txt', { mtimeUs: Date.UTC(2026, 10, day) * 1000, version }));
};

async function setUp(t: ExecutionContext, days: readonly number[]) {
  const one = await RulePeer.start(t, new MemoryLan(), 'one');
  await one.write('a/x.txt', 'in place');
  for (const day of days) await one.write(copyOf(day), `copy of day ${day}`);
  return one;
}

test('copies are listed with what they are of, the latest first', async (t) => {
  const one = await setUp(t, [1, 3, 2]);
  await one.write('a/x (conflict of interest).txt', 'no copy');
  t.deepEqual(
    one.conflicts.list().map(({ path, copy, time }) => [path, copy, new Date(time).getUTCDate()]),
    [3, 2, 1].map((day) => [x, copyOf(day), day]),
  );
});

test('ours: all copies go to the trash', async (t) => {
  const one = await setUp(t, [1, 2]);
  await one.conflicts.resolve('a/x.txt', 'ours');
  t.deepEqual(await one.files(), { 'a/': '', 'a/x.txt': 'in place' });
  t.deepEqual((await one.discarded()).sort(), ['copy of day 1', 'copy of day 2']);
  t.true((await one.trash.list()).every(({ reason }) => reason === 'resolved'));
});

const settled: readonly [copies: Record<string, string>, keep: 'ours' | 'theirs', left: string[]][] = [
  [{ 1: 'one' }, 'ours', ['copy of day 1']],
  [{ 1: 'one' }, 'theirs', ['in place']],
  [{ 1: 'one', 2: 'one' }, 'ours', ['copy of day 2']],
  [{ 1: 'one', 2: 'one' }, 'theirs', ['in place']],
  [{ 1: 'one', 2: 'writer' }, 'ours', ['copy of day 1']],
  [{ 1: 'writer', 2: 'one' }, 'theirs', ['in place', 'copy of day 1']],
  [{ 1: 'one', 2: 'writer' }, 'theirs', ['in place', 'copy of day 2']],
];

for (const [copies, keep, left] of settled) {
  test(`${keep} of what another has put in place and copies by ${Object.values(copies).join(', ')}`, async (t) => {
    const one = await setUp(t, []);
    const version = [{ device: deviceNamed('another'), value: 1 }];
    await one.peer.index.record([{ ...one.peer.index.get(x)!, version }]);
    for (const [day, writer] of Object.entries(copies))
      await one.write(copyOf(Number(day), writer), `copy of day ${day}`);
    t.is(await one.conflicts.resolve('a/x.txt', keep), x);
    const files = await one.files();
    t.is(files['a/x.txt'], left[0]);
    t.deepEqual(
      Object.values(files)
        .filter((text) => text !== '')
        .sort(),
      [...left].sort(),
    );
    t.is((await one.discarded()).length, Object.keys(copies).length + 1 - left.length);
  });
}

test('ours: what was edited in place since is ours, and no copy of ours', async (t) => {
  const one = await setUp(t, []);
  await one.write(copyOf(1, 'one'), 'our former edit');
  t.is(await one.conflicts.resolve('a/x.txt', 'ours'), x);
  t.deepEqual(await one.files(), { 'a/': '', 'a/x.txt': 'in place' });
  t.deepEqual(await one.discarded(), ['our former edit']);
});

test('theirs: the latest copy takes the place, unless another is named', async (t) => {
  const one = await setUp(t, [1, 2, 3]);
  t.is(await one.conflicts.resolve('a/x.txt', 'theirs'), x);
  t.is((await one.files())['a/x.txt'], 'copy of day 3');
  t.is(await one.conflicts.resolve(copyOf(1), 'theirs'), x);
  t.is((await one.files())['a/x.txt'], 'copy of day 1');
  t.deepEqual(await one.discarded(), ['copy of day 3', 'in place']);
});

test('theirs: a place that is empty is taken', async (t) => {
  const one = await setUp(t, [1]);
  await one.remove('a/x.txt');
  await one.conflicts.resolve('a/x.txt', 'theirs');
  t.deepEqual(await one.files(), { 'a/': '', 'a/x.txt': 'copy of day 1' });
});

test('theirs: what is in place stays when the copy has gone', async (t) => {
  const one = await setUp(t, [1]);
  await rm(join(one.peer.folder, copyOf(1)));
  const { sequence } = one.peer.index.get(x)!;
  await t.throwsAsync(one.conflicts.resolve('a/x.txt', 'theirs'), { message: /NOT_FOUND/ });
  t.deepEqual(await one.files(), { 'a/': '', 'a/x.txt': 'in place' });
  t.is(one.peer.index.get(x)!.sequence, sequence);
  t.deepEqual(one.conflicts.list(), []);
});

test('theirs: what is in place stays when the copy cannot take its place', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const peer = await TransferPeer.start(t, new MemoryLan(), 'one', { fileSystem });
  const { index, folder, trash } = peer;
  const ownEntries = () => index.after(0, Infinity);
  const conflicts = new Conflicts({
    self: peer.device,
    fileSystem,
    index,
    ownEntries,
    gate: new FolderGate(index),
    folder,
    trash,
  });
  await peer.write(x, Buffer.from('in place'));
  await peer.write(copyOf(1), Buffer.from('copy'));
  let failures = 0;
  fileSystem.trouble = (operation, path) =>
    operation === 'renameNew' && path.endsWith('/x.txt') && (failures += 1) === 1 ? 'EIO' : undefined;
  await t.throwsAsync(conflicts.resolve(x, 'theirs'), { message: /DISK_ERROR/ });
  t.is(String(await peer.read(x)), 'in place');
  t.is(String(await peer.read(copyOf(1))), 'copy');
  t.deepEqual(await trash.list(), []);
  t.is(await conflicts.resolve(x, 'theirs'), x);
  t.is(String(await peer.read(x)), 'copy');
});

test('theirs: nothing moves, and it is said why, where a folder has the place', async (t) => {
  const one = await setUp(t, [1]);
  await one.remove('a/x.txt');
  await one.write('a/x.txt/inside.txt', 'in the folder');
  await t.throwsAsync(one.conflicts.resolve('a/x.txt', 'theirs'), { message: /NAME_UNSUPPORTED/ });
  t.deepEqual(await one.files(), {
    'a/': '',
    'a/x.txt/': '',
    'a/x.txt/inside.txt': 'in the folder',
    [copyOf(1)]: 'copy of day 1',
  });
});

test('what is in no conflict is not settled', async (t) => {
  const one = await setUp(t, []);
  for (const path of ['a/x.txt', '../x', '']) {
    await t.throwsAsync(one.conflicts.resolve(path, 'ours'), { message: /NOT_FOUND/ });
  }
  t.deepEqual(await one.discarded(), []);
});
