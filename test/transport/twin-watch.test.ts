import test from 'ava';
import { TwinWatch } from '../../src/transport/twin-watch.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

function watch() {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const ownAddresses = () => ['192.168.1.2', 'fe80::1'];
  return {
    clock,
    logger,
    twins: new TwinWatch({ clock, logger, identityFolder: '/state/identity', ownAddresses }),
  };
}

test('a twin is told of once, and is a problem for as long as it calls', async (t) => {
  const { clock, logger, twins } = watch();
  t.deepEqual(twins.problems, []);
  const fields = { address: '192.168.1.3', folder: '/state/identity' };
  for (let minute = 0; minute < 10; minute += 1) {
    twins.called('192.168.1.3');
    t.deepEqual(twins.problems, [{ event: 'identity.twin', fields }]);
    await clock.advance(60_000);
  }
  t.deepEqual(logger.events, [{ level: 'warn', event: 'identity.twin', fields }]);
  await clock.advance(180_000);
  t.deepEqual(twins.problems, []);
  twins.called('192.168.1.3');
  t.is(logger.events.length, 2);
});

test('a machine that reaches itself is no twin', (t) => {
  const { logger, twins } = watch();
  for (const address of ['192.168.1.2', 'fe80::1%eth0', '127.0.0.1', '::1']) twins.called(address);
  t.deepEqual(twins.problems, []);
  t.deepEqual(logger.events, []);
});
