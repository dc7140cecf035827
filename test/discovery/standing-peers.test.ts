import test from 'ava';
import { StandingPeers, type StandingPeer } from '../../src/discovery/standing-peers.ts';
import { FakeClock } from '../support/fake-clock.ts';

function standing(
  peers: readonly StandingPeer[],
  options: { rounds?: number; resolve?: (name: string) => Promise<readonly string[]> } = {},
) {
  const clock = new FakeClock();
  const offers: string[] = [];
  const subject = new StandingPeers(peers, {
    clock,
    random: { next: () => 0, bytes: (length) => new Uint8Array(length) },
    resolve: options.resolve ?? (async () => []),
    firstDelayMs: 0,
    rounds: options.rounds ?? Infinity,
    offer: ({ port }, address) => offers.push(`${clock.monotonic() / 1000}s ${address}:${port}`),
  });
  return { clock, offers, subject };
}

test('an address is offered at once and after 1, 1, 2, 4 … 60 s', async (t) => {
  const { clock, offers, subject } = standing([{ host: '10.0.0.1', port: 6000 }]);
  await subject.start();
  await clock.advance(200_000);
  t.deepEqual(
    offers.map((offer) => offer.split(' ')[0]),
    ['0s', '1s', '3s', '7s', '15s', '31s', '63s', '123s', '183s'],
  );
  await subject.stop();
  t.is(clock.pending, 0);
});

test('a name is resolved in every round, and one that fails holds up nobody', async (t) => {
  const addresses = [['10.0.0.1'], ['10.0.0.2', 'fd00::2']];
  const { clock, offers, subject } = standing(
    [
      { host: 'dead.example', port: 1 },
      { host: 'nas.example', port: 2 },
      { host: '10.0.0.9', port: 3 },
    ],
    {
      resolve: async (name) =>
        name.startsWith('dead') ? Promise.reject(new Error('ENOTFOUND')) : addresses.shift()!,
    },
  );
  await subject.start();
  await clock.advance(1000);
  t.deepEqual(offers, ['0s 10.0.0.9:3', '0s 10.0.0.1:2', '1s 10.0.0.9:3', '1s 10.0.0.2:2', '1s fd00::2:2']);
});

test('they begin again after a change of the network', async (t) => {
  const { clock, offers, subject } = standing([{ host: '10.0.0.1', port: 1 }], { rounds: 2 });
  await subject.start();
  await clock.advance(100_000);
  t.is(offers.length, 2);
  subject.restart();
  await clock.advance(10);
  t.is(offers.at(-1), '100s 10.0.0.1:1');
});

test('a name that is resolved after the stop is not offered', async (t) => {
  let answer: (addresses: readonly string[]) => void = () => {};
  const resolving = new Promise<readonly string[]>((resolve) => (answer = resolve));
  const { clock, offers, subject } = standing([{ host: 'slow.example', port: 1 }], {
    resolve: () => resolving,
  });
  await subject.start();
  await clock.advance(0);
  await subject.stop();
  answer(['10.0.0.1']);
  await clock.advance(10_000);
  t.deepEqual(offers, []);
  t.is(clock.pending, 0);
});
