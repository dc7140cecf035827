import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { conflictName, numberedName } from '../../src/sync/names.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { LocalChanges } from '../../src/transfer/local-changes.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { RulePeer } from '../support/rule-peer.ts';

const x = parseRelativePath('x');

async function setUp(t: ExecutionContext) {
  const one = await RulePeer.start(t, new MemoryLan(), 'one');
  const { index, catalogue, folder } = one.peer;
  const gate = new FolderGate(index);
  const parts = { fileSystem: new NodeFileSystem(), index, catalogue, folder, gate };
  const write = async (text: string) => {
    await one.write(x, text);
    return index.get(x)!;
  };
  return { one, index, folder, write, changes: new LocalChanges({ ...parts, trash: one.trash }) };
}

test('a file in the way of a folder becomes a conflict copy, once, unless it has changed', async (t) => {
  const { one, index, write, changes } = await setUp(t);
  const first = await write('first');
  const copy = conflictName(x, first);
  t.is(await changes.makeWay({ ...first, version: [] }), undefined);
  t.deepEqual(await one.files(), { x: 'first' });
  t.is(await changes.makeWay(first), copy);
  t.deepEqual(await one.files(), { [copy]: 'first' });
  t.true(index.get(x)?.deleted);
  t.false(index.get(copy)?.deleted);
  const again = await write('first');
  const twin = { ...again, mtimeUs: first.mtimeUs, version: first.version };
  t.is(await changes.adopt(again, twin), 'done');
  t.is(await changes.makeWay(index.get(x)!), x);
  t.deepEqual(await one.files(), { [copy]: 'first' });
  t.deepEqual(await one.discarded(), ['first']);
});

test('a name that was taken meanwhile is not taken away, and the index knows of it', async (t) => {
  const { one, index, folder, write, changes } = await setUp(t);
  const first = await write('first');
  const copy = conflictName(x, first);
  await writeFile(join(folder, copy), 'another');
  t.is(await changes.makeWay(first), undefined);
  t.deepEqual(await one.files(), { x: 'first', [copy]: 'another' });
  t.false(index.get(copy)?.deleted);
  t.is(await changes.makeWay(first), numberedName(copy, 2));
});
