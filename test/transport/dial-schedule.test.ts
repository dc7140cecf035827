import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import { DialSchedule } from '../../src/transport/dial-schedule.ts';
import { retryDelay } from '../../src/transport/retry-delay.ts';
import { FakeClock } from '../support/fake-clock.ts';

interface Dial {
  readonly host: string;
  readonly expect: string | undefined;
  readonly at: number;
  readonly signal: AbortSignal;
  readonly reached: () => void;
  readonly succeed: (device: string) => void;
  readonly fail: (reason?: string) => void;
}

/** A schedule of device `M` whose dials the test answers. `random` 0: delays are the longest that they can be. */
function schedule(answer: (dial: Dial) => void = (dial) => dial.fail()) {
  const clock = new FakeClock();
  const dials: Dial[] = [];
  const connected = new Set<string>();
  const subject = new DialSchedule({
    ...{ own: 'M' as DeviceId, clock, logger: silentLogger },
    random: { next: () => 0, bytes: (length) => new Uint8Array(length) },
    isConnected: (device) => connected.has(device),
    dial: ({ host, expect }, signal, reached) =>
      new Promise((resolve, reject) => {
        const fail = (reason = 'test') => reject(new CompartidosError('CONNECTION_FAILED', { reason }));
        signal.addEventListener('abort', () => fail());
        const succeed = (device: string) => resolve(device as DeviceId);
        const dial = { host, expect, at: clock.monotonic(), signal, reached, succeed, fail };
        dials.push(dial);
        answer(dial);
      }),
  });
  const offer = (
    host: string,
    device?: string,
    origin: 'mdns' | 'static' | 'told' = 'mdns',
    source = origin === 'mdns' ? host : origin,
  ) => subject.offer({ host, port: 6000, origin, device: device as DeviceId | undefined, source });
  return { subject, clock, dials, connected, offer, times: () => dials.map(({ at }) => at) };
}

test('whoever does not answer is dialled after 0, 250, 500, 1000 ms … 1 min', async (t) => {
  const { clock, offer, times } = schedule();
  offer('a');
  await clock.advance(170_000);
  const intervals = times().map((at, index, all) => at - (all[index - 1] ?? 0));
  t.deepEqual(intervals, [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
});

test('delays are between half and all of what they may be', (t) => {
  for (const [failures, longest] of [
    [1, 250],
    [4, 2_000],
    [9, 60_000],
    [1_000_000, 60_000],
  ] as const) {
    for (const value of [0, 0.5, 0.999]) {
      const delay = retryDelay(failures, { next: () => value, bytes: () => new Uint8Array() });
      t.true(delay <= longest && delay >= longest / 2);
    }
  }
});

test('a candidate that fails and is not offered any more is forgotten', async (t) => {
  const { subject, clock, offer } = schedule();
  offer('a');
  await clock.advance(400_000);
  t.is(subject.size, 0);
  t.is(clock.pending, 0);
});

test('an offer makes a candidate due at once, but not more than once a second', async (t) => {
  const { clock, offer, times } = schedule();
  offer('a');
  await clock.advance(20_000);
  const before = times().length;
  for (let count = 0; count < 30; count++) {
    offer('a');
    await clock.advance(100);
  }
  t.is(times().length - before, 3);
});

test('nobody is dialled with whom there is a session, or for whom it is us', async (t) => {
  const { clock, connected, offer, dials } = schedule((dial) => dial.succeed('M'));
  connected.add('A');
  offer('a', 'A');
  offer('m', 'M', 'told');
  await clock.advance(5_000);
  t.is(dials.length, 0);
  offer('x');
  await clock.advance(5_000);
  offer('x');
  await clock.advance(5_000);
  t.is(dials.length, 1);
});

test('where this device is announced it is called, once a minute while it is offered and is us', async (t) => {
  const { clock, offer, times } = schedule((dial) => dial.succeed('M'));
  for (let second = 0; second <= 125; second += 5) {
    offer('twin', 'M');
    await clock.advance(5_000);
  }
  t.deepEqual(times(), [0, 60_000, 120_000]);
});

test('the device with the larger id waits a moment', async (t) => {
  const { clock, offer, dials } = schedule();
  offer('a', 'A');
  offer('z', 'Z');
  await clock.advance(99);
  t.deepEqual(new Set(dials.map(({ host }) => host)), new Set(['z']));
  await clock.advance(1);
  t.true(dials.some(({ host, at }) => host === 'a' && at === 100));
});

test('a dial that leads nowhere gets others beside it, and all end when one succeeds', async (t) => {
  const { clock, connected, offer, dials, times } = schedule(() => {});
  offer('z', 'Z');
  await clock.advance(2_000);
  t.deepEqual(times(), [0, 400, 800]);
  connected.add('Z');
  dials[1]!.succeed('Z');
  await clock.advance(5_000);
  t.deepEqual(
    dials.map(({ signal }) => signal.aborted),
    [true, false, true],
  );
  t.is(dials.length, 3);
});

test('one that has reached somebody who is busy gets others beside it much later', async (t) => {
  const { clock, offer, dials, times } = schedule(({ reached }) => reached());
  offer('z', 'Z');
  offer('y', 'Y');
  await clock.advance(4_000);
  t.deepEqual(times(), [0, 0]);
  dials[0]!.succeed('Z');
  await clock.advance(20_000);
  const ofY = dials.filter(({ host }) => host === 'y').map(({ at }) => at);
  t.deepEqual(ofY, [0, 5_000, 10_000]);
});

test('no more than so many dials run at once, in all and for one host', async (t) => {
  const { clock, offer, dials } = schedule(() => {});
  for (let port = 0; port < 30; port++) offer(`host${port}`);
  await clock.advance(10);
  t.is(dials.length, 16);
  for (const dial of [...dials]) dial.fail();
  await clock.advance(10);
  t.is(dials.length, 30);

  const one = schedule(() => {});
  for (let port = 1; port < 30; port++) one.subject.offer({ host: 'h', port, origin: 'mdns' });
  await one.clock.advance(10);
  t.is(one.dials.length, 4);
});

test('one that names many addresses does not keep others waiting', async (t) => {
  const { clock, offer, dials } = schedule(() => {});
  for (let count = 0; count < 256; count++) offer(`dead${count}`, undefined, 'told', 'hostile');
  await clock.advance(500);
  t.is(dials.length, 8);
  offer('honest');
  await clock.advance(0);
  t.is(dials.at(-1)?.host, 'honest');
});

test('nor do many that do', async (t) => {
  const { clock, offer, dials } = schedule(() => {});
  for (let count = 0; count < 480; count++) offer(`dead${count}`, undefined, 'mdns', `source${count % 16}`);
  await clock.advance(500);
  t.is(dials.length, 16);
  offer('honest');
  await clock.advance(0);
  dials[0]!.fail();
  await clock.advance(0);
  t.is(dials[16]?.host, 'honest');
});

test('whoever announces itself does not wait with what others have said of it', async (t) => {
  const { clock, offer, dials } = schedule(() => {});
  for (let count = 0; count < 20; count++) offer(`dead${count}`, undefined, 'told', 'hostile');
  offer('honest', undefined, 'told', 'hostile');
  await clock.advance(0);
  t.is(dials.length, 8);
  offer('honest');
  offer('honest', undefined, 'told', 'hostile');
  await clock.advance(0);
  t.is(dials.at(-1)?.host, 'honest');
});

test('where others name an address that is known, it does not wait with what they name', async (t) => {
  const { subject, clock, dials, offer } = schedule(() => {});
  subject.offer({ host: 'honest', port: 6000, origin: 'remembered' });
  for (let count = 0; count < 256; count++) offer(`dead${count}`, undefined, 'told', 'hostile');
  offer('honest', undefined, 'told', 'hostile');
  await clock.advance(0);
  t.is(dials.length, 9);
  t.true(dials.some(({ host }) => host === 'honest'));
});

test('devices that are remembered do not wait for each other', async (t) => {
  const { subject, clock, dials } = schedule(() => {});
  for (let count = 0; count < 16; count++) {
    subject.offer({ host: `remembered${count}`, port: 6000, origin: 'remembered' });
  }
  await clock.advance(0);
  t.is(dials.length, 16);
});

test('one that names many addresses pushes out its own', async (t) => {
  const { subject, clock, offer, dials } = schedule();
  for (let count = 0; count < 300; count++) offer(`honest${count}`);
  await clock.advance(0);
  for (let count = 0; count < 1000; count++) offer(`dead${count}`, undefined, 'told', 'hostile');
  t.is(subject.size, 512);
  dials.length = 0;
  await clock.advance(1000);
  const honest = new Set(dials.map(({ host }) => host).filter((host) => host.startsWith('honest')));
  t.is(honest.size, 300);
});

test('those of the configuration go first', async (t) => {
  const { clock, offer, dials } = schedule(() => {});
  for (let count = 0; count < 40; count++) offer(`forged${count}`);
  await clock.advance(1);
  offer('mine', undefined, 'static');
  await clock.advance(1);
  dials[0]!.fail();
  await clock.advance(1);
  t.is(dials.at(-1)?.host, 'mine');
});

test('at an address of the configuration anybody will do when another device is there than before', async (t) => {
  let isThere = false;
  const { clock, offer, dials } = schedule((dial) => {
    if (dial.expect) dial.fail(isThere ? 'other-device' : 'timed-out');
  });
  offer('mine', undefined, 'static');
  offer('mine', 'A', 'told');
  offer('theirs', 'A', 'told');
  await clock.advance(40_000);
  t.true(dials.every(({ expect }) => expect === 'A'));
  isThere = true;
  offer('mine', undefined, 'static');
  offer('theirs', undefined, 'told');
  await clock.advance(500);
  t.deepEqual(
    dials.slice(-3).map(({ host, expect }) => [host, expect]),
    [
      ['mine', 'A'],
      ['theirs', 'A'],
      ['mine', undefined],
    ],
  );
});

test('an address of the configuration is looked at once a minute while who was there is connected', async (t) => {
  const { clock, connected, offer, dials, times } = schedule((dial) => dial.succeed('A'));
  connected.add('A');
  offer('mine', undefined, 'static');
  for (let second = 0; second <= 125; second += 5) {
    offer('mine', 'A', 'told');
    offer('mine', undefined, 'static');
    await clock.advance(5_000);
  }
  t.deepEqual(times(), [0, 60_000, 120_000]);
  t.true(dials.every(({ expect }) => expect === undefined));
});

test('a flood of candidates does not grow the table nor push out those of the configuration', async (t) => {
  const { subject, clock, dials, offer } = schedule(() => {});
  offer('mine', undefined, 'static');
  await clock.advance(0);
  for (let count = 0; count < 10_000; count++) offer(`forged${count}`);
  t.is(subject.size, 512);
  t.true(clock.pending <= 512);
  t.false(dials[0]!.signal.aborted);
  subject.stop();
  t.true(dials[0]!.signal.aborted);
  t.is(clock.pending, 0);
});

test('when a session ends its addresses are dialled, at once if it lasted', async (t) => {
  const { subject, clock, connected, offer, times, dials } = schedule((dial) => {
    connected.add('Z');
    dial.succeed('Z');
  });
  offer('z', 'Z');
  await clock.advance(10_000);
  t.deepEqual(times(), [0]);
  connected.delete('Z');
  subject.ended('Z' as DeviceId, 0);
  await clock.advance(1);
  t.is(dials.length, 2);
  connected.delete('Z');
  subject.ended('Z' as DeviceId, 'one-more');
  await clock.advance(249);
  t.is(dials.length, 2);
  await clock.advance(1);
  t.is(dials.length, 3);
});

test('a change of the network begins anew', async (t) => {
  const { subject, clock, offer, times } = schedule();
  offer('a');
  await clock.advance(40_000);
  subject.networkChanged();
  await clock.advance(250);
  t.deepEqual(times().slice(-2), [40_000, 40_250]);
});

test('one device is not dialled at more than four of the addresses that are told of it at a time', async (t) => {
  const { clock, offer, dials } = schedule(() => {});
  for (let index = 0; index < 20; index += 1) offer(`host ${index}`, 'A');
  offer('elsewhere', 'B');
  await clock.advance(1_000);
  const hosts = new Set(dials.map(({ host }) => host));
  t.deepEqual([...hosts].sort(), ['elsewhere', 'host 0', 'host 1', 'host 2', 'host 3']);
});
