import test from 'ava';
import { ClassicPeers, type PeerAddress } from '../../src/catalogue/classic-peers.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';

const address: PeerAddress = { host: '10.0.0.9', port: 6000 };

function setUp(kind: 'native' | 'classic' = 'classic') {
  const clock = new FakeClock();
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
        return node.names.has(name);
      },
    },
  });
  const found: string[] = [];
  peers.events.on('found', (_, name) => found.push(name));
  return { clock, node, peers, found };
}

test('a static peer that is native is left to the native protocol', async (t) => {
  const { peers } = setUp('native');
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
