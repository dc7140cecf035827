import type { RemoteInfo } from 'node:dgram';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { systemRandom } from '../../src/core/random.ts';
import { advertisementOf } from '../../src/discovery/advertisement.ts';
import type { Announcement } from '../../src/discovery/announcement.ts';
import { MdnsInterface } from '../../src/discovery/mdns-interface.ts';
import { announcementRecords, responseBytes } from '../support/dns-message.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { hostileDatagram, ODD_DATAGRAMS } from '../support/hostile-datagrams.ts';
import { loopback } from '../support/loopback-link.ts';

const peer = deviceNamed('peer');

/** A clock on which time passes whenever it is looked at, so that no rate limit hides what a packet does. */
class HurriedClock extends FakeClock {
  #passed = 0;

  override monotonic(): number {
    return super.monotonic() + (this.#passed += 25);
  }
}

function from(address: string, port = 5353): RemoteInfo {
  return { address, port, family: 'IPv4', size: 0 };
}

/** The real socket handlers of an interface, on a real socket. */
function opened(t: ExecutionContext, clock: FakeClock = new HurriedClock()) {
  const subject = new MdnsInterface({
    link: loopback,
    family: 'ipv4',
    advertisement: advertisementOf({ device: deviceNamed('me'), name: 'me', port: 6000 }),
    clock,
    random: systemRandom,
  });
  const announced: { announcement: Announcement; source: string }[] = [];
  const errors: unknown[] = [];
  subject.events.on('announced', (announcement, source) => announced.push({ announcement, source }));
  subject.events.on('mishandled', (error) => errors.push(error));
  t.teardown(() => subject.stop({ goodbye: false }));
  return { subject, announced, errors };
}

test('an announcement is heard with its source', (t) => {
  const { subject, announced } = opened(t);
  subject.receive(responseBytes(announcementRecords(peer, { port: 7000 })), from('127.0.0.9'));
  t.deepEqual(announced, [
    {
      announcement: { device: peer, port: 7000, addresses: ['10.77.1.200'], leaving: false },
      source: '127.0.0.9',
    },
  ]);
});

test('our own announcement, one from another link and one from a port that is not 5353 are not heard', (t) => {
  const { subject, announced } = opened(t);
  subject.receive(responseBytes(announcementRecords(deviceNamed('me'))), from('127.0.0.1'));
  subject.receive(responseBytes(announcementRecords(peer)), from('10.0.0.9'));
  subject.receive(responseBytes(announcementRecords(peer)), from('127.0.0.9', 40_000));
  t.deepEqual(announced, []);
});

test('this device announced from elsewhere is heard', (t) => {
  const { subject, announced } = opened(t);
  subject.receive(responseBytes(announcementRecords(deviceNamed('me'))), from('127.0.0.9'));
  t.deepEqual(
    announced.map(({ source }) => source),
    ['127.0.0.9'],
  );
});

test('stopping leaves no timer behind', async (t) => {
  const clock = new FakeClock();
  const { subject } = opened(t, clock);
  await subject.stop({ goodbye: true });
  await subject.stop({ goodbye: true });
  t.is(clock.pending, 0);
});

test('one source that sends too much is not listened to, and others are', (t) => {
  const { subject, announced } = opened(t, new FakeClock());
  for (let number = 0; number < 10_000; number++) {
    subject.receive(responseBytes(announcementRecords(deviceNamed('forged'))), from('127.0.0.66'));
  }
  t.is(announced.length, 200);
  subject.receive(responseBytes(announcementRecords(peer)), from('127.0.0.9'));
  t.is(announced.length, 201);
});

for (const [title, datagram] of Object.entries(ODD_DATAGRAMS)) {
  test(`a datagram does no harm: ${title}`, (t) => {
    const { subject, announced, errors } = opened(t);
    subject.receive(datagram, from('127.0.0.9'));
    t.deepEqual(errors, []);
    t.true(announced.length <= 1);
  });
}

test('whatever arrives, nothing is thrown and what is heard is valid', (t) => {
  const { subject, announced, errors } = opened(t);
  const source = fc.tuple(fc.constantFrom('127.0.0.', '10.0.0.', '127.8.7.'), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(hostileDatagram, source, (datagram, [network, host]) => {
      announced.length = 0;
      subject.receive(datagram, from(`${network}${host}`));
      return announced.every(
        ({ announcement: { device, port, addresses }, source: address }) =>
          /^[A-Z2-7]{52}$/.test(device) &&
          port >= 1 &&
          port <= 65_535 &&
          addresses.length <= 8 &&
          address.startsWith('127'),
      );
    }),
    { numRuns: 20_000 },
  );
  t.deepEqual(errors, []);
  announced.length = 0;
  subject.receive(responseBytes(announcementRecords(peer)), from('127.9.9.9'));
  t.is(announced[0]?.announcement.device, peer);
});
