import test from 'ava';
import { ToldPeers } from '../../src/discovery/told-peers.ts';
import { deviceNamed } from '../support/entries.ts';

const own = deviceNamed('me');
const device = deviceNamed('peer');
const by = deviceNamed('teller');
const nobody: ReadonlySet<never> = new Set();

test('an address that a peer tells becomes a candidate', (t) => {
  t.deepEqual(new ToldPeers(own).candidates(by, [{ device, host: '10.0.0.1', port: 6000 }], nobody, 0), [
    { device, host: '10.0.0.1', port: 6000, origin: 'told', source: by },
  ]);
});

for (const [title, peer] of Object.entries({
  'a host name': { device, host: 'evil.example', port: 6000 },
  loopback: { device, host: '127.0.0.1', port: 6000 },
  'loopback in IPv6': { device, host: '::1', port: 6000 },
  'mapped loopback': { device, host: '::ffff:127.0.0.1', port: 6000 },
  multicast: { device, host: '224.0.0.251', port: 6000 },
  'a link-local address': { device, host: 'fe80::1', port: 6000 },
  'a zone': { device, host: 'fe80::1%eth0', port: 6000 },
  'port 0': { device, host: '10.0.0.1', port: 0 },
  ourselves: { device: own, host: '10.0.0.1', port: 6000 },
})) {
  test(`${title} is not dialled because a peer says so`, (t) => {
    t.deepEqual(new ToldPeers(own).candidates(by, [peer], nobody, 0), []);
  });
}

test('of those that are there already none is taken, and as many others as a message may name', (t) => {
  const told = new ToldPeers(own);
  const peers = Array.from({ length: 256 }, (_, number) => ({
    device: deviceNamed(`peer ${number}`),
    host: `10.1.0.${number}`,
    port: 6000,
  }));
  const known = new Set(peers.slice(0, 200).map((peer) => peer.device));
  t.deepEqual(
    told.candidates(by, peers, known, 0).map(({ host }) => host),
    peers.slice(200).map(({ host }) => host),
  );
});

test('however many one tells, few are taken, and others are heard all the same', (t) => {
  const told = new ToldPeers(own);
  const peers = Array.from({ length: 10_000 }, (_, number) => ({
    device,
    host: `10.1.${number >> 8}.${number & 255}`,
    port: 6000,
  }));
  let taken = 0;
  for (let message = 0; message < 100; message++) taken += told.candidates(by, peers, nobody, 0).length;
  t.is(taken, 256);
  t.is(told.candidates(deviceNamed('another'), peers, nobody, 0).length, 256);
  t.is(told.candidates(by, peers, nobody, 1000).length, 4);
});
