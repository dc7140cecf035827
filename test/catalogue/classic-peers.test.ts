import test from 'ava';
import { ClassicPeers, type PeerAddress } from '../../src/catalogue/classic-peers.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';

const address: PeerAddress = { host: '10.0.0.9', port: 6000 };

function setUp({ kind = 'classic', isSlow = false }: { kind?: 'native' | 'classic'; isSlow?: boolean } = {}) {
  const clock = new FakeClock();
  const held: (() => void)[] = [];
  const node = { alive: true, names: new Set<string>(), questions: [] as string[] };
  const peers = new ClassicPeers({
    clock,
    logger: silentLogger,
    intervalMs: 30_000,
    queries: {
      async probe() {
        if (!node.alive) throw new Error('refused');
        return kind;
      },
      async search(_, name) {
        if (!node.alive) throw new Error('refused');
        node.questions.push(name);
        if (isSlow) await new Promise<void>((resolve) => held.push(resolve));
        return node.names.has(name);
      },
    },
  });
  const found: string[] = [];
  peers.events.on('found', (_, name) => found.push(name));
  /** Lets a slow peer answer what it was asked first. */
  const answer = async () => {
    held.shift()!();
    await clock.advance(0);
  };
  return { clock, node, peers, found, answer };
}

test('a static peer that is native is left to the native protocol', async (t) => {
  const { peers } = setUp({ kind: 'native' });
  const native: PeerAddress[] = [];
  peers.events.on('native', (peer) => native.push(peer));
  await peers.offer(address);
  t.deepEqual(native, [address]);
  t.deepEqual(peers.peers(), []);
});

test('a name of a rule is asked for at once and in every round, until it is there', async (t) => {
  const { clock, node, peers, found } = setUp();
  await peers.start();
  await peers.offer(address);
  await peers.watch(['tarea.pdf']);
  t.deepEqual(found, []);
  node.names.add('tarea.pdf');
  await clock.advance(30_000);
  t.deepEqual(found, ['tarea.pdf']);
  await peers.stop();
  t.is(clock.pending, 0);
});

test('a person who asks gets the answer now', async (t) => {
  const { node, peers } = setUp();
  await peers.offer(address);
  t.deepEqual(await peers.seek('nada.txt'), []);
  node.names.add('foto.jpg');
  const [holder] = await peers.seek('foto.jpg');
  t.like(holder, address);
});

test('a peer that stops answering is offline until it is offered again', async (t) => {
  const { node, peers } = setUp();
  await peers.offer(address);
  t.true(peers.peers()[0]!.online);
  node.alive = false;
  await peers.seek('foto.jpg');
  t.false(peers.peers()[0]!.online);
  node.alive = true;
  await peers.offer(address);
  t.true(peers.peers()[0]!.online);
});

test('names asked for at the prompt are remembered up to a bound', async (t) => {
  const { clock, node, peers } = setUp();
  await peers.start();
  await peers.offer(address);
  for (let index = 0; index < 150; index += 1) await peers.seek(`file ${index}`);
  node.questions.length = 0;
  await clock.advance(30_000);
  t.is(node.questions.length, 100);
  t.is(node.questions[0], 'file 50');
  await peers.stop();
});

test('a slow peer is asked for one name at a time, one round at a time, and a person need not wait for all of it', async (t) => {
  const { clock, node, peers, answer } = setUp({ isSlow: true });
  await peers.start();
  await peers.offer(address);
  const watching = peers.watch(['one', 'two']);
  await clock.advance(90_000);
  t.deepEqual(node.questions, ['one']);
  const seeking = peers.seek('mine');
  await answer();
  await answer();
  await answer();
  await seeking;
  await answer();
  await answer();
  await watching;
  const ofRule = ['one', 'two'];
  const ofRound = ['one', 'two'];
  t.deepEqual(node.questions, [ofRule[0], ofRound[0], 'mine', ofRule[1], ofRound[1]]);
  await clock.advance(29_000);
  t.is(node.questions.length, 5);
  await peers.stop();
});
