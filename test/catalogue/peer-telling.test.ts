import test from 'ava';
import { PeerTelling, TELL_INTERVAL_MS, type ToldPeer } from '../../src/catalogue/peer-telling.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLink, FakeNetwork, type FakeSession } from '../support/fake-network.ts';

const us = () => new FakeNetwork(deviceNamed('us'), 'us');

function connect(network: FakeNetwork, name: string, host: string): FakeLink {
  return new FakeLink(network, new FakeNetwork(deviceNamed(name), name), { hosts: ['192.0.2.1', host] });
}

function told(session: FakeSession): string[][] {
  return session.sent.flatMap((message) =>
    message.type === 'peers' ? [message.peers.map(({ name }) => name)] : [],
  );
}

test('each peer is told of the others when one comes or goes', async (t) => {
  const clock = new FakeClock();
  const network = us();
  const telling = new PeerTelling({ network, clock });
  await telling.start();
  t.teardown(() => telling.stop());
  const ana = connect(network, 'Ana', '192.0.2.2');
  await clock.advance(TELL_INTERVAL_MS);
  t.deepEqual(told(ana.left), [], 'there is nobody to be told of');
  const luis = connect(network, 'Luis', '192.0.2.3');
  t.deepEqual(told(ana.left), [['Luis']]);
  t.deepEqual(told(luis.left), [['Ana']]);
  const eva = connect(network, 'Eva', '2001:db8::4');
  t.deepEqual(told(eva.left), []);
  await clock.advance(TELL_INTERVAL_MS);
  t.deepEqual(told(eva.left), [['Ana', 'Luis']]);
  t.deepEqual(told(ana.left), [['Luis'], ['Luis', 'Eva']]);
  luis.end();
  await clock.advance(TELL_INTERVAL_MS);
  t.deepEqual(told(ana.left).at(-1), ['Eva']);
});

test('addresses that mean another machine elsewhere are not told', async (t) => {
  const clock = new FakeClock();
  const network = us();
  const telling = new PeerTelling({ network, clock });
  const sessions = [
    ['Ana', '127.0.0.1'],
    ['Luis', '::1'],
    ['Eva', '192.0.2.4'],
    ['Juan', 'fe80::1%eth0'],
    ['Inés', '169.254.7.7'],
  ].map(([name, host]) => connect(network, name!, host!).left);
  await telling.start();
  t.teardown(() => telling.stop());
  t.deepEqual(
    sessions.map((session) => told(session)),
    [[['Luis', 'Eva']], [['Ana', 'Eva']], [], [['Eva']], [['Eva']]],
  );
});

test('what a peer tells is passed on with who said it', async (t) => {
  const clock = new FakeClock();
  const network = us();
  const telling = new PeerTelling({ network, clock });
  await telling.start();
  const heard: [string, readonly ToldPeer[]][] = [];
  telling.events.on('told', (by, peers) => heard.push([by, peers]));
  const ana = connect(network, 'Ana', '192.0.2.2');
  const peers = [{ device: deviceNamed('Luis'), name: 'Luis', host: '192.0.2.3', port: 6000 }];
  ana.right.send({ type: 'peers', peers });
  await clock.advance(0);
  t.deepEqual(heard, [[deviceNamed('Ana'), peers]]);
  await telling.stop();
  await telling.stop();
  t.is(clock.pending, 0);
});
