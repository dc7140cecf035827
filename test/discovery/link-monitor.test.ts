import test from 'ava';
import { onLink, systemLinks, type Link } from '../../src/discovery/link.ts';
import { LinkMonitor } from '../../src/discovery/link-monitor.ts';
import { FakeClock } from '../support/fake-clock.ts';

const eth0: Link = {
  name: 'eth0',
  zone: 'eth0',
  mac: '02:00:00:00:00:01',
  index: 2,
  addresses: [
    { address: '192.168.1.7', family: 'ipv4', prefix: 24 },
    { address: 'fe80::7', family: 'ipv6', prefix: 64 },
    { address: 'fd00::7', family: 'ipv6', prefix: 64 },
  ],
};

function monitored(clock: FakeClock, first: () => Link[]) {
  const state = { list: first };
  const monitor = new LinkMonitor({ clock, list: () => state.list() });
  const changes: string[] = [];
  monitor.events.on('changed', (links) => changes.push(links.map(({ name }) => name).join(' ')));
  return { state, monitor, changes };
}

const CHANGES: readonly [title: string, links: Link[]][] = [
  ['another address', [{ ...eth0, addresses: [{ address: '192.168.1.8', family: 'ipv4', prefix: 24 }] }]],
  ['another prefix', [{ ...eth0, addresses: [{ address: '192.168.1.7', family: 'ipv4', prefix: 16 }] }]],
  ['another MAC', [{ ...eth0, mac: '02:00:00:00:00:02' }]],
  ['the same card, put in again', [{ ...eth0, index: 3 }]],
  ['a second card', [eth0, { ...eth0, name: 'eth1' }]],
  ['no network', []],
];

for (const [title, links] of CHANGES) {
  test(`${title} is noticed within a second, once`, async (t) => {
    const clock = new FakeClock();
    const { state, monitor, changes } = monitored(clock, () => [eth0]);
    await monitor.start();
    await clock.advance(5000);
    t.deepEqual(changes, []);
    state.list = () => links;
    await clock.advance(1000);
    t.is(changes.length, 1);
    t.is(monitor.links, links);
    await clock.advance(5000);
    t.is(changes.length, 1);
    await monitor.stop();
    t.is(clock.pending, 0);
  });
}

test('a list that fails changes nothing', async (t) => {
  const clock = new FakeClock();
  const { state, monitor, changes } = monitored(clock, () => [eth0]);
  await monitor.start();
  state.list = () => {
    throw new Error('EPERM');
  };
  await clock.advance(3000);
  t.deepEqual(changes, []);
  t.deepEqual(monitor.links, [eth0]);
});

test('a machine that has slept looks at its network anew', async (t) => {
  const clock = new FakeClock();
  const skipped = { ms: 0 };
  const { changes, monitor } = monitored(
    Object.assign(clock, { now: () => clock.monotonic() + skipped.ms }),
    () => [eth0],
  );
  await monitor.start();
  await clock.advance(2000);
  skipped.ms = 3_600_000;
  await clock.advance(1000);
  t.deepEqual(changes, ['eth0']);
});

test('a packet is on the link when its source is in one of its networks', (t) => {
  const isOnLink = onLink(eth0);
  for (const source of ['192.168.1.7', '192.168.1.250', 'fd00::9', 'fe80::1%eth0'])
    t.true(isOnLink(source), source);
  for (const source of ['192.168.2.1', '10.0.0.1', 'fd01::9', 'fe80::1%eth1', 'fe80::1', 'fd00::9%eth0']) {
    t.false(isOnLink(source), source);
  }
});

test('the links of this machine are well formed', (t) => {
  for (const { name, zone, addresses } of systemLinks()) {
    t.not(name, '');
    t.not(zone, '');
    for (const { address, prefix } of addresses) {
      t.false(address.includes('%'));
      t.true(prefix >= 0 && prefix <= 128);
    }
  }
});
