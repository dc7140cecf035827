import { randomBytes } from 'node:crypto';
import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { pair, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TransferPeer } from '../support/transfer-peer.ts';

const MIB = 1024 * 1024;

const LIES: Readonly<Record<string, (block: Buffer) => Uint8Array>> = {
  'wrong blocks': (block) => {
    block[0]! ^= 1;
    return block;
  },
  // The network refuses it by itself.
  'blocks of a wrong length': () => {
    throw new CompartidosError('MESSAGE_INVALID', { field: 'length' });
  },
};

for (const [lie, tell] of Object.entries(LIES)) {
  test(`a peer that sends ${lie} is named and asked no more; the file comes from another`, async (t) => {
    const lan = new MemoryLan();
    const liar = await TransferPeer.start(t, lan, 'liar');
    const honest = await TransferPeer.start(t, lan, 'honest');
    const bob = await TransferPeer.start(t, lan, 'bob');
    lan.connectAll();
    const bytes = randomBytes(4 * MIB);
    for (const peer of [liar, honest]) {
      await peer.write('file', bytes);
      peer.announceTo(bob);
    }
    liar.network.tampering = async (_, answer) => tell(Buffer.from(await answer()));
    const view = await bob.get(liar, 'file').finished;
    t.is(view.state, 'done');
    t.deepEqual(view.from, ['honest']);
    await sameBytes(t, bob, 'file', bytes);
    const lies = bob.logged('peer.lied');
    t.deepEqual(
      lies.map(({ fields }) => fields['name']),
      ['liar'],
    );
  });
}

test('who lies about the size of a content keeps nobody from having it', async (t) => {
  const lan = new MemoryLan();
  const liar = await TransferPeer.start(t, lan, 'liar');
  const honest = await TransferPeer.start(t, lan, 'honest');
  // No time goes by: nothing is waited for that will not come.
  const bob = await TransferPeer.start(t, lan, 'bob', { clock: new FakeClock() });
  lan.connectAll();
  const bytes = randomBytes(MIB + 5);
  const lie = { ...(await liar.write('file', bytes)), size: MIB + 6 };
  await honest.write('file', bytes);
  bob.catalogue.announce(liar.device, 'liar', [lie]);
  const handle = bob.get(liar, 'file', { content: lie });
  await untilView(bob, handle.id, ({ error }) => error !== null);
  honest.announceTo(bob);
  t.is((await handle.finished).state, 'done');
  await sameBytes(t, bob, 'file', bytes);
});

test('a wrong small file never appears, and the error names the peer', async (t) => {
  const { alice: liar, bob } = await pair(t);
  await liar.write('small', Buffer.from('truth'));
  liar.announceTo(bob);
  liar.network.tampering = async () => Buffer.from('false');
  const handle = bob.get(liar, 'small');
  await untilView(bob, handle.id, ({ error }) => error !== null);
  t.like(handle.view().error, { code: 'HASH_MISMATCH', params: { device: 'alice' } });
  await t.throwsAsync(bob.read('small'), { code: 'ENOENT' });
});
