import test from 'ava';
import { ReleaseWatch } from '../../src/transport/release-watch.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { hello, RawPeer } from '../support/raw-peer.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { testIdentity } from '../support/test-identity.ts';
import { startSessions } from '../support/test-sessions.ts';

const ana = deviceNamed('ana');

function watch() {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  return { clock, logger, releases: new ReleaseWatch(clock, logger) };
}

test('another release is told of once, and is a problem for as long as it calls', async (t) => {
  const { clock, logger, releases } = watch();
  const told = { event: 'peer.incompatible', fields: { address: '192.0.2.7' } };
  for (let minute = 0; minute < 5; minute += 1) {
    releases.met(ana, `192.0.2.${7 + minute}`);
    t.deepEqual(releases.problems, [told]);
    await clock.advance(60_000);
  }
  t.deepEqual(logger.events, [{ level: 'warn', ...told }]);
  await clock.advance(180_000);
  t.deepEqual(releases.problems, []);
});

test('it is none any more when it has been replaced', (t) => {
  const { releases } = watch();
  releases.met(ana, '192.0.2.7');
  releases.met(deviceNamed('ben'), '192.0.2.8');
  releases.agreed(ana);
  t.deepEqual(
    releases.problems.map(({ fields }) => fields['address']),
    ['192.0.2.8'],
  );
});

test('whoever calls as many devices is told of as a few', (t) => {
  const { logger, releases } = watch();
  for (let host = 0; host < 200; host += 1) releases.met(deviceNamed(`${host}`), '192.0.2.7');
  t.is(releases.problems.length, 8);
  t.is(logger.events.length, 8);
});

for (const [who, say] of [
  ['we notice', hello({ versions: { lowest: 9, highest: 9 } })],
  ['the other notices', { type: 'goodbye', reason: 'incompatible' }],
] as const) {
  test(`PROTOCOL.md 5.4: of a caller without a common version is told, where ${who}`, async (t) => {
    const { releases } = watch();
    const a = await startSessions(t, { releases });
    const identity = testIdentity();
    const peer = await RawPeer.dial(t, a.sessions.localPort, identity);
    peer.say(say);
    await peer.closed;
    t.deepEqual(releases.problems, [{ event: 'peer.incompatible', fields: { address: '127.0.0.1' } }]);
    const met = new Promise((resolve) => a.sessions.events.once('connected', resolve));
    (await RawPeer.dial(t, a.sessions.localPort, identity)).say(hello());
    await met;
    t.deepEqual(releases.problems, []);
  });
}
