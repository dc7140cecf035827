import { createSocket } from 'node:dgram';
import test, { type ExecutionContext } from 'ava';
import { Emitter } from '../../src/core/emitter.ts';
import type { LogFields, Logger } from '../../src/core/logger.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import type { DialCandidate } from '../../src/transport/dial-schedule.ts';
import { Discovery, type DiscoveryOptions } from '../../src/discovery/discovery.ts';
import type { Link } from '../../src/discovery/link.ts';
import { translate } from '../../src/language/translate.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { loopback } from '../support/loopback-link.ts';

const device = deviceNamed('me');
const peer = deviceNamed('peer');
/** Of an address that no machine has (RFC 5737): its sockets cannot join the group. */
const broken: Link = {
  ...loopback,
  name: 'broken0',
  addresses: [{ address: '192.0.2.7', family: 'ipv4', prefix: 24 }],
};

function discovering(t: ExecutionContext, options: Partial<DiscoveryOptions> = {}) {
  const clock = new FakeClock();
  const logged = new Emitter<{ line: [level: string, event: string, fields: LogFields] }>();
  const log =
    (level: string) =>
    (event: string, fields: LogFields = {}): void =>
      logged.emit('line', level, event, fields);
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const candidates: DialCandidate[] = [];
  const networks: (readonly string[])[] = [];
  const subject = new Discovery({
    ...{ device, name: 'first', port: 6000, mdns: false, peers: [], remembered: [], clock, logger },
    random: { next: () => 0, bytes: (length) => new Uint8Array(length) },
    listLinks: () => [],
    ...options,
  });
  subject.events.on('candidate', (candidate) => candidates.push(candidate));
  subject.events.on('networkChanged', (addresses) => networks.push(addresses));
  t.teardown(() => subject.stop());
  return { clock, subject, candidates, networks, logged };
}

test('a person is told of a static peer whose name leads nowhere, once', async (t) => {
  const { clock, subject, logged } = discovering(t, {
    peers: [{ host: 'nas.exmaple', port: 1 }],
    resolve: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
  });
  const lines: unknown[] = [];
  logged.on('line', (...line) => lines.push(line));
  await subject.start();
  await clock.advance(60_000);
  t.deepEqual(lines, [['warn', 'discovery.unresolved', { host: 'nas.exmaple', reason: 'ENOTFOUND' }]]);
  for (const language of ['en', 'es'] as const) {
    const fields = { host: 'nas.exmaple', reason: 'ENOTFOUND' };
    t.regex(translate(language, 'discovery.unresolved', fields), /nas\.exmaple.*discovery\.peers.* IP/);
  }
});

test('static peers come at once, remembered ones a moment later, unless they are connected', async (t) => {
  const { clock, subject, candidates } = discovering(t, {
    peers: [{ host: '10.0.0.1', port: 1 }],
    remembered: [
      { device: peer, host: '10.0.0.2', port: 2 },
      { device: deviceNamed('other'), host: '10.0.0.3', port: 3 },
    ],
  });
  await subject.start();
  await clock.advance(0);
  t.deepEqual(candidates, [{ host: '10.0.0.1', port: 1, origin: 'static' }]);
  subject.connected(peer, '10.0.0.2', 2);
  await clock.advance(500);
  t.deepEqual(candidates.slice(1), [
    { device: deviceNamed('other'), host: '10.0.0.3', port: 3, origin: 'remembered' },
  ]);
});

test('of very many that are remembered the latest are offered', async (t) => {
  const { clock, subject, candidates } = discovering(t, {
    remembered: Array.from({ length: 300 }, (_, number) => ({
      device: deviceNamed(`${number}`),
      ...{ host: `10.0.${number >> 8}.${number & 255}`, port: 1 },
    })),
  });
  await subject.start();
  await clock.advance(500);
  t.is(candidates.length, 256);
  t.is(candidates[0]!.host, '10.0.0.0');
});

test('a change of the network is told with all addresses, and everybody is offered again', async (t) => {
  let links: Link[] = [];
  const { clock, subject, candidates, networks } = discovering(t, {
    peers: [{ host: '10.0.0.1', port: 1 }],
    remembered: [
      { device: peer, host: '10.0.0.2', port: 2 },
      { device: deviceNamed('other'), host: '10.0.0.3', port: 3 },
    ],
    listLinks: () => links,
  });
  await subject.start();
  await clock.advance(100_000);
  t.deepEqual(networks, []);
  const before = candidates.length;
  subject.connected(peer, '10.0.0.2', 2);
  links = [loopback];
  await clock.advance(1000);
  t.deepEqual(networks, [['127.0.0.1']]);
  t.deepEqual(
    candidates.slice(before).map(({ host }) => host),
    ['10.0.0.1', '10.0.0.3'],
  );
});

test('peers that are told are checked and offered', (t) => {
  const { subject, candidates } = discovering(t);
  const by = deviceNamed('teller');
  const here = deviceNamed('here');
  subject.connected(here, '10.0.0.4', 4);
  subject.told(by, [
    { device: here, host: '10.0.0.4', port: 4 },
    { device: peer, host: '10.0.0.2', port: 2 },
    { device: peer, host: 'name.example', port: 2 },
  ]);
  t.deepEqual(candidates, [{ device: peer, host: '10.0.0.2', port: 2, origin: 'told', source: by }]);
});

test('when a session ends, where it was is offered at once', (t) => {
  const { subject, candidates } = discovering(t);
  subject.disconnected(peer);
  t.deepEqual(candidates, []);
  subject.connected(peer, '10.0.0.2', 2);
  subject.disconnected(peer);
  t.deepEqual(candidates, [{ device: peer, host: '10.0.0.2', port: 2, origin: 'remembered' }]);
});

test('start and stop are idempotent, and after stop nothing is left', async (t) => {
  const { clock, subject, candidates } = discovering(t, {
    mdns: true,
    peers: [{ host: '10.0.0.1', port: 1 }],
    listLinks: () => [loopback],
  });
  await subject.stop();
  await subject.start();
  await subject.start();
  await clock.advance(1500);
  await subject.stop();
  await subject.stop();
  t.is(clock.pending, 0);
  const { length } = candidates;
  await clock.advance(100_000);
  t.is(candidates.length, length);
  await subject.start();
  await clock.advance(0);
  t.is(candidates.length, length + 1);
});

test('an interface that cannot be used is tried again ever more rarely and warned of once', async (t) => {
  const { clock, subject, logged } = discovering(t, { mdns: true, listLinks: () => [broken] });
  const levels: string[] = [];
  let failed: () => void = () => {};
  logged.on('line', (level, event) => {
    if (event !== 'mdns.failed') return;
    levels.push(level);
    failed();
  });
  let failure = new Promise<void>((resolve) => (failed = resolve));
  await subject.start();
  for (const delay of [1000, 2000, 4000, 8000]) {
    await failure;
    failure = new Promise<void>((resolve) => (failed = resolve));
    const { length } = levels;
    await clock.advance(delay - 1);
    t.is(levels.length, length);
    await clock.advance(1);
  }
  await failure;
  t.deepEqual(levels, ['warn', 'debug', 'debug', 'debug', 'debug']);
});

test('another name is announced after a goodbye to the old one, and the end by a goodbye', async (t) => {
  const ear = createSocket({ type: 'udp4', reuseAddr: true });
  t.teardown(() => new Promise<void>((resolve) => ear.close(resolve)));
  const heard = new Emitter<{ announcement: [text: string] }>();
  ear.on('message', (datagram) => {
    const text = datagram.toString('latin1');
    if (text.includes(device) && text.includes('n=')) heard.emit('announcement', text);
  });
  await new Promise<void>((resolve) => ear.bind(5353, '0.0.0.0', resolve));
  ear.addMembership('224.0.0.251', '127.0.0.1');

  const { subject } = discovering(t, { mdns: true, clock: systemClock, listLinks: () => [loopback] });
  const texts: string[] = [];
  const announced = (what: (text: string) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const remove = heard.on('announcement', (text) => {
        texts.push(text);
        if (!what(text)) return;
        remove();
        resolve();
      });
    });
  const first = announced((text) => text.includes('n=first'));
  await subject.start();
  await first;
  const second = announced((text) => text.includes('n=second'));
  await subject.rename('second');
  await second;
  t.true(texts.some((text) => isGoodbye(text) && text.includes('n=first')));
  const end = announced((text) => isGoodbye(text) && text.includes('n=second'));
  await subject.stop();
  await end;
  t.false(
    texts
      .slice(texts.findIndex((text) => text.includes('n=second')))
      .some((text) => text.includes('n=first')),
  );
});

/** The first answer, a PTR record of class IN under the service's name, has a time to live of 0. */
function isGoodbye(text: string): boolean {
  const name = '\x0c_compartidos\x04_tcp\x05local\0';
  return text.startsWith(`${name}\0\x0c\0\x01\0\0\0\0`, 12);
}
