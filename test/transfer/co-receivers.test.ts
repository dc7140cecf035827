import { randomBytes } from 'node:crypto';
import test from 'ava';
import { BLOCK } from '../support/block-size.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { sameBytes, untilView } from '../support/transfer-checks.ts';
import { TransferPeer } from '../support/transfer-peer.ts';

const MIB = 1024 * 1024;

/** Time passes, but not while a disk has something to do: however slow this one is, it takes no time of the clock. */
async function passTime(clock: FakeClock, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await clock.advance(4);
    while (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))) await clock.advance(0);
  }
}

for (const known of ['all', 'a few'] as const) {
  test(`those who receive the same file give each other what they have, with ${known} of its hashes at first`, async (t) => {
    const lan = new MemoryLan();
    const clock = new FakeClock();
    const alice = await TransferPeer.start(t, lan, 'alice', { clock });
    const receivers = await Promise.all(
      ['x', 'y', 'z'].map((name) => TransferPeer.start(t, lan, name, { clock })),
    );
    lan.connectAll();
    const bytes = randomBytes(32 * MIB);
    const entry = await alice.write('big', bytes);
    // The source sends one block in 16 ms, to whoever asks; the others send as fast as they can.
    let turn = Promise.resolve();
    alice.network.tampering = (_, answer) => {
      turn = turn.then(() => clock.sleep(16));
      return turn.then(answer);
    };
    let isOver = false;
    t.teardown(() => (isOver = true));
    void passTime(clock, () => isOver);
    const partly = { ...entry, blocks: entry.blocks.subarray(0, 2 * 32), hash: undefined };
    const content = known === 'all' ? entry : partly;
    for (const { catalogue } of receivers) catalogue.announce(alice.device, 'alice', [content]);
    const handles = receivers.map((receiver) => receiver.get(alice, 'big', { content }));
    if (known === 'a few') {
      for (const [index, { id }] of handles.entries()) {
        await untilView(receivers[index]!, id, (view) => view.bytes === 2 * BLOCK);
      }
      alice.announceTo(...receivers);
    }
    for (const { finished } of handles) t.is((await finished).state, 'done');
    for (const receiver of receivers) await sameBytes(t, receiver, 'big', bytes);
    const blocks = 64;
    const sentByAlice = [...alice.network.sent.values()].reduce((sum, count) => sum + count, 0);
    t.true(sentByAlice < 1.6 * blocks, `the source sent ${sentByAlice} blocks of ${blocks}`);
  });
}

test('those who may be receiving the same file begin in different places while it is being hashed', async (t) => {
  const lan = new MemoryLan();
  const alice = await TransferPeer.start(t, lan, 'alice');
  const receivers = await Promise.all(['x', 'y', 'z'].map((name) => TransferPeer.start(t, lan, name)));
  lan.connectAll();
  const entry = await alice.write('big', randomBytes(8 * MIB));
  // As many as each asks for at once, before it has seen how fast the source is.
  const known = 3 * 2;
  const asked: number[] = [];
  await new Promise<void>((resolve) => {
    alice.network.tampering = ({ offset }) => {
      if (asked.push(offset) === known) resolve();
      return new Promise(() => {});
    };
    const partly = { ...entry, blocks: entry.blocks.subarray(0, known * 32), hash: undefined };
    for (const receiver of receivers) {
      receiver.catalogue.announce(alice.device, 'alice', [partly]);
      receiver.get(alice, 'big', { content: partly });
    }
  });
  t.is(new Set(asked).size, known);
});
