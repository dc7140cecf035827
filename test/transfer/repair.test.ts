import { join } from 'node:path';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { incrementVersion } from '../../src/model/version-vector.ts';
import { BLOCK } from '../support/block-size.ts';
import { noise } from '../support/edited-bytes.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { pair, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TransferPeer } from '../support/transfer-peer.ts';

for (const blocks of [1, 5]) {
  test(`a corrupt file of ${blocks} blocks is replaced by what it should be, and goes to the trash`, async (t) => {
    const { alice, bob } = await pair(t);
    const bytes = noise(1, blocks * BLOCK);
    const entry = await alice.write('file', bytes);
    alice.announceTo(bob);
    t.is((await bob.get(alice, 'file').finished).state, 'done');
    const rotten = Buffer.from(bytes);
    rotten[BLOCK - 1]! ^= 1;
    await bob.rot(entry, rotten);
    bob.index.corrupt.add(entry.path);
    const sent: number[] = [];
    alice.network.tampering = ({ offset }, answer) => {
      sent.push(offset);
      return answer();
    };

    t.is((await bob.get(alice, 'file').finished).state, 'done');

    await sameBytes(t, bob, 'file', bytes);
    t.deepEqual([...new Set(sent)], [0], 'the other blocks are here');
    t.false(bob.index.isCorrupt(entry.path));
    t.deepEqual(bob.index.get(entry.path)?.version, entry.version);
    const [discarded, ...others] = await bob.trash.list();
    t.deepEqual(others, []);
    t.deepEqual(await bob.read(await bob.trash.restore(discarded!.id)), rotten);
  });
}

test('an older version of the same content repairs what is ordered as our own, and only that', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = noise(2, 2 * BLOCK);
  const entry = await alice.write('file', bytes);
  alice.announceTo(bob);
  await bob.get(alice, 'file').finished;
  const version = incrementVersion(entry.version, bob.device, 1);
  const ours = { ...entry, version, mtimeUs: entry.mtimeUs + 1_000_000 };
  await bob.rot(ours, Buffer.alloc(bytes.length));
  await bob.index.record([ours]);
  bob.index.corrupt.add(entry.path);

  t.is((await bob.get(alice, 'file').finished).state, 'done');
  await sameBytes(t, bob, 'file', Buffer.alloc(bytes.length));
  t.true(bob.index.isCorrupt(entry.path));

  t.is((await bob.get(alice, 'file', { content: ours }).finished).state, 'done');
  await sameBytes(t, bob, 'file', bytes);
  const { mtimeUs } = await new NodeFileSystem().lstat(join(bob.folder, 'file'));
  t.is(mtimeUs, ours.mtimeUs);
  const recorded = bob.index.get(entry.path)!;
  t.deepEqual([recorded.version, recorded.mtimeUs], [version, ours.mtimeUs]);
  t.false(bob.index.isCorrupt(entry.path));
});

test('a corrupt file that nobody has is repaired when somebody who has it comes', async (t) => {
  const lan = new MemoryLan();
  const bob = await TransferPeer.start(t, lan, 'bob');
  const bytes = noise(5, 3 * BLOCK);
  const entry = await bob.write('file', bytes);
  await bob.rot(entry, Buffer.alloc(bytes.length));
  bob.index.corrupt.add(entry.path);
  const handle = bob.get(bob, 'file', { content: entry, devices: [] });
  await untilView(bob, handle.id, ({ error }) => error?.code === 'NO_SOURCE');

  const alice = await TransferPeer.start(t, lan, 'alice');
  await alice.write('file', bytes);
  lan.connectAll();
  alice.announceTo(bob);

  t.is((await handle.finished).state, 'done');
  await sameBytes(t, bob, 'file', bytes);
  t.false(bob.index.isCorrupt(entry.path));
});
