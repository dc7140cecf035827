import test from 'ava';
import { ARRIVAL_DELAY, QUIET_TIME, WriteGuard } from '../../src/index/write-guard.ts';
import { FakeClock } from '../support/fake-clock.ts';

function lab() {
  const clock = new FakeClock();
  const due: string[] = [];
  const guard = new WriteGuard(clock, (paths, occasion) =>
    due.push(...paths.map((path) => `${path} ${occasion}`)),
  );
  return { clock, due, guard, take: () => due.splice(0) };
}

test('what arrives is due soon, once for a burst of events, and not later for more of them', async (t) => {
  const { clock, guard, take } = lab();
  guard.arrived('a');
  await clock.advance(ARRIVAL_DELAY - 2);
  guard.arrived('a');
  guard.arrived('b');
  t.deepEqual(take(), []);
  await clock.advance(2);
  t.deepEqual(take(), ['a arrived']);
  await clock.advance(ARRIVAL_DELAY);
  t.deepEqual(take(), ['b arrived']);
  t.is(clock.pending, 0);
});

test('what is written is due when it has been quiet', async (t) => {
  const { clock, guard, take } = lab();
  guard.arrived('a');
  for (let write = 0; write < 20; write += 1) {
    guard.written('a');
    await clock.advance(QUIET_TIME - 5);
    t.true(guard.isBeingWritten('a'));
  }
  t.deepEqual(take(), []);
  await clock.advance(5);
  t.deepEqual(take(), ['a quiet']);
  t.false(guard.isBeingWritten('a'));
  t.is(clock.pending, 0);
});

test('a file that is replaced while it is written is due soon', async (t) => {
  const { clock, guard, take } = lab();
  guard.written('a');
  guard.arrived('a');
  t.is(guard.size, 1);
  await clock.advance(ARRIVAL_DELAY);
  t.deepEqual(take(), ['a arrived']);
});

test('each path has its own time, and none is left when the guard is cleared', async (t) => {
  const { clock, guard, take } = lab();
  guard.written('slow');
  await clock.advance(100);
  guard.written('slower');
  guard.arrived('quick');
  await clock.advance(QUIET_TIME - 100);
  t.deepEqual(take(), ['quick arrived', 'slow quiet']);
  guard.arrived('other');
  guard.clear();
  t.is(guard.size, 0);
  await clock.advance(10_000);
  t.deepEqual(take(), []);
  guard.arrived('again');
  await clock.advance(ARRIVAL_DELAY);
  t.deepEqual(take(), ['again arrived']);
});

test('who asks learns when all that has arrived was handed over, and does not wait for what comes later', async (t) => {
  const { clock, guard, take } = lab();
  await guard.handedOver();
  guard.arrived('a');
  await clock.advance(2);
  guard.arrived('b');
  let done = false;
  const handedOver = guard.handedOver().then(() => (done = true));
  await clock.advance(ARRIVAL_DELAY - 2);
  t.deepEqual(take(), ['a arrived']);
  t.false(done);
  guard.arrived('c');
  await clock.advance(2);
  await handedOver;
  t.deepEqual(take(), ['b arrived']);
  const cleared = guard.handedOver();
  guard.clear();
  await cleared;
  t.pass();
});
