import test from 'ava';
import { BLOCK } from '../support/block-size.ts';
import { noise } from '../support/edited-bytes.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { pair, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TransferPeer } from '../support/transfer-peer.ts';

const BLOCKS = 20;

/** The peer's copy of `file` rots in these blocks, and the peer knows, or finds out when it reads them again. */
async function rot(
  peer: TransferPeer,
  bytes: Buffer,
  blocks: readonly number[],
  knowledge: 'corrupt' | 'rotten' = 'corrupt',
): Promise<void> {
  const entry = await peer.write('file', bytes);
  const rotten = Buffer.from(bytes);
  for (const block of blocks) rotten[block * BLOCK]! ^= 1;
  await peer.rot(entry, rotten);
  peer.index[knowledge].add(entry.path);
}

test('two sources that are damaged in different places have the whole file between them', async (t) => {
  const lan = new MemoryLan();
  const alice = await TransferPeer.start(t, lan, 'alice');
  const carol = await TransferPeer.start(t, lan, 'carol');
  const bob = await TransferPeer.start(t, lan, 'bob');
  lan.connectAll();
  const bytes = noise(3, BLOCKS * BLOCK);
  await rot(alice, bytes, [0, 1, 7]);
  await rot(carol, bytes, [2, 8, BLOCKS - 1]);
  for (const peer of [alice, carol]) peer.announceTo(bob);
  const view = await bob.get(alice, 'file').finished;
  t.is(view.state, 'done');
  await sameBytes(t, bob, 'file', bytes);
  t.deepEqual(bob.logged('peer.lied'), []);
});

for (const [what, knowledge] of [
  ['damaged source', 'corrupt'],
  ['source that does not know that it is damaged', 'rotten'],
] as const) {
  test(`what a ${what} can read is kept; the rest comes when somebody has it, and until then is said why`, async (t) => {
    const { lan, alice, bob } = await pair(t);
    const bytes = noise(4, BLOCKS * BLOCK);
    await rot(alice, bytes, [3, 4], knowledge);
    alice.announceTo(bob);
    const handle = bob.get(alice, 'file');
    const { error } = await untilView(bob, handle.id, (view) => view.error !== null);
    t.like(error, { code: 'SOURCE_UNREADABLE', params: { path: 'file', device: 'alice' } });
    const wrong = knowledge === 'rotten' ? 2 : 0;
    t.is(alice.network.sent.get(bob.device), BLOCKS - 2 + wrong);
    const carol = await TransferPeer.start(t, lan, 'carol');
    await carol.write('file', bytes);
    lan.connectAll();
    carol.announceTo(bob);
    t.is((await handle.finished).state, 'done');
    await sameBytes(t, bob, 'file', bytes);
    t.is(carol.network.sent.get(bob.device), 2);
    t.deepEqual(bob.logged('peer.lied'), []);
  });
}
