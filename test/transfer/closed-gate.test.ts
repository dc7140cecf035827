import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { conflictName } from '../../src/sync/names.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { LocalChanges } from '../../src/transfer/local-changes.ts';
import { pair, untilView } from '../support/transfer-checks.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { RulePeer } from '../support/rule-peer.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const gone = new CompartidosError('FOLDER_CHANGED', { folder: '/x', marker: '' });
const x = parseRelativePath('x');

test('nothing is changed here while the shared folder is another one', async (t) => {
  const one = await RulePeer.start(t, new MemoryLan(), 'one');
  const { index, catalogue, folder } = one.peer;
  const gate = new FolderGate(index);
  const parts = { fileSystem: new NodeFileSystem(), index, catalogue, folder, gate };
  const changes = new LocalChanges({ ...parts, trash: one.trash });
  await one.write(x, 'ours');
  const ours = index.get(x)!;
  await one.write(conflictName(x, ours), 'theirs');
  const before = await one.files();
  index.events.emit('problem', [gone]);
  const tombstone = { ...ours, deleted: true };
  const entry = { ...ours, path: parseRelativePath('y') };
  for (const attempt of [
    () => changes.remove(ours, tombstone),
    () => changes.rename({ type: 'rename', ours, tombstone, entry }),
    () => changes.adopt(ours, { ...ours, mtimeUs: 0 }),
    () => changes.makeWay(ours),
    () => one.conflicts.resolve(x, 'ours'),
    () => one.conflicts.resolve(x, 'theirs'),
  ]) {
    await t.throwsAsync(attempt, { code: 'FOLDER_CHANGED' }, String(attempt));
  }
  t.deepEqual(await one.files(), before);
  t.deepEqual(await one.discarded(), []);
  index.events.emit('problem', []);
  t.truthy(await changes.makeWay(ours));
});

for (const size of [10, 3 * 1024 * 1024]) {
  test(`a file of ${size} bytes is not placed while the shared folder is another one`, async (t) => {
    const { alice, bob } = await pair(t);
    await alice.write(x, Buffer.alloc(size, 1));
    alice.announceTo(bob);
    bob.index.events.emit('problem', [gone]);
    const { id } = bob.get(alice, x);
    const { error } = await untilView(bob, id, ({ state }) => state === 'paused');
    t.is(error!.code, 'FOLDER_CHANGED');
    await t.throwsAsync(bob.read(x), { code: 'ENOENT' });
  });
}

test('a file that is on its way when the folder becomes another one is not placed either', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const { alice, bob } = await pair(t, { fileSystem });
  await alice.write(x, Buffer.alloc(3 * 1024 * 1024, 1));
  alice.announceTo(bob);
  fileSystem.trouble = (operation) => {
    if (operation === 'write') bob.index.events.emit('problem', [gone]);
    return undefined;
  };
  const { id } = bob.get(alice, x);
  const { error } = await untilView(bob, id, ({ state }) => state === 'paused');
  t.is(error!.code, 'FOLDER_CHANGED');
  await t.throwsAsync(bob.read(x), { code: 'ENOENT' });
});
