import test from 'ava';
import { Bandwidth, scheduledRate } from '../../src/transfer/bandwidth.ts';
import { TokenBucket } from '../../src/transfer/token-bucket.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noLimits } from '../support/no-limits.ts';

test('a bucket lets its rate pass, and large pieces whole', async (t) => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, 1000);
  let passed = 0;
  for (let elapsed = 0; elapsed < 60_000;) {
    const delay = bucket.delay();
    if (delay === 0) {
      bucket.take(700);
      passed += 700;
    } else {
      await clock.advance(delay);
      elapsed += delay;
    }
  }
  t.true(passed >= 59_000 && passed <= 61_000, String(passed));
});

test('without a limit nobody waits', (t) => {
  const bucket = new TokenBucket(new FakeClock(), undefined);
  bucket.take(1e12);
  t.is(bucket.delay(), 0);
});

test('one peer at its limit does not hold up another; both share the whole', (t) => {
  const bandwidth = new Bandwidth(new FakeClock(), { ...noLimits, up: 10_000, perPeer: 1000 });
  const [a, b] = [deviceNamed('a'), deviceNamed('b')];
  bandwidth.take('up', a, 500);
  t.true(bandwidth.delay('up', a) > 0);
  t.is(bandwidth.delay('up', b), 0);
  t.is(bandwidth.delay('down', a), 0);
  bandwidth.take('up', b, 5000);
  t.true(bandwidth.delay('up', deviceNamed('c')) > 0);
});

test('the schedule: days, hours, past midnight, the lowest of several', (t) => {
  const working = { days: [1, 2, 3, 4, 5], from: 8 * 60, until: 18 * 60, rate: 500 };
  const night = { days: [5], from: 22 * 60, until: 6 * 60, rate: 100 };
  const lunch = { days: [1], from: 12 * 60, until: 13 * 60, rate: 50 };
  const schedule = [working, night, lunch];
  // 2026-11-20 is a Friday.
  const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute);
  t.is(scheduledRate(schedule, at(20, 7, 59)), undefined);
  t.is(scheduledRate(schedule, at(20, 8)), 500);
  t.is(scheduledRate(schedule, at(20, 18)), undefined);
  t.is(scheduledRate(schedule, at(20, 23)), 100);
  t.is(scheduledRate(schedule, at(21, 5, 59)), 100);
  t.is(scheduledRate(schedule, at(21, 6)), undefined);
  t.is(scheduledRate(schedule, at(20, 3)), undefined);
  t.is(scheduledRate(schedule, at(23, 12, 30)), 50);
});

test('a changed setting is taken up at once', (t) => {
  const bandwidth = new Bandwidth(new FakeClock(), noLimits);
  const peer = deviceNamed('a');
  bandwidth.take('down', peer, 1e9);
  t.is(bandwidth.delay('down', peer), 0);
  bandwidth.configure({ ...noLimits, down: 1000 });
  t.true(bandwidth.delay('down', peer) >= 0);
  bandwidth.take('down', peer, 5000);
  t.true(bandwidth.delay('down', peer) > 4000);
});

test('at its hours the schedule says how fast, be that slower or faster than else', async (t) => {
  // A Friday, by local time.
  const clock = new FakeClock(new Date(2026, 10, 20, 21, 59, 30).getTime());
  const night = { days: [5], from: 22 * 60, until: 6 * 60, rate: 1e6 };
  const bandwidth = new Bandwidth(clock, { ...noLimits, down: 1000, up: 1e9, schedule: [night] });
  const peer = deviceNamed('a');
  const delays = () =>
    (['down', 'up'] as const).map((direction) => {
      bandwidth.take(direction, peer, 1e6);
      return bandwidth.delay(direction, peer) > 100_000 ? 'slow' : 'fast';
    });
  t.deepEqual([bandwidth.delay('down', peer), ...delays()], [0, 'slow', 'fast']);
  await clock.advance(60_000);
  t.deepEqual([bandwidth.delay('down', peer) < 2000, ...delays()], [true, 'fast', 'fast']);
  await clock.advance(8 * 3_600_000);
  t.deepEqual([bandwidth.delay('down', peer), ...delays()], [0, 'slow', 'fast']);
});

test('who waits to let bytes pass waits for what was taken before, as the limits are meanwhile, or no more', async (t) => {
  const clock = new FakeClock();
  const bandwidth = new Bandwidth(clock, { ...noLimits, perPeer: 1000 });
  const never = new AbortController();
  const passed: string[] = [];
  const pass = (peer: string, signal = never.signal) =>
    bandwidth.pass('up', peer, 60_000, signal).then(
      () => passed.push(peer),
      () => passed.push(`${peer} gave up`),
    );
  await Promise.all([pass('10.0.0.7'), pass('10.0.0.8')]);
  const gone = new AbortController();
  void pass('10.0.0.7');
  void pass('10.0.0.8', gone.signal);
  await clock.advance(30_000);
  gone.abort();
  await clock.advance(1);
  t.deepEqual(passed.splice(0), ['10.0.0.7', '10.0.0.8', '10.0.0.8 gave up']);
  bandwidth.configure(noLimits);
  await clock.advance(1000);
  t.deepEqual(passed, ['10.0.0.7']);
});
