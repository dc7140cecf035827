import test from 'ava';
import { UnreadFiles } from '../../src/index/unread-files.ts';
import { FakeClock } from '../support/fake-clock.ts';

const refused = { type: 'failed', code: 'EACCES' } as const;
const gone = { type: 'failed', code: 'ENOENT' } as const;

function setUp() {
  const clock = new FakeClock();
  const again: number[] = [];
  const files = new UnreadFiles(clock, () => again.push(clock.monotonic()));
  /** When the next look comes, in ms from now. */
  const next = async () => {
    const from = clock.monotonic();
    const { length } = again;
    while (again.length === length) await clock.advance(1000);
    return again.at(-1)! - from;
  };
  return { clock, files, again, next };
}

test('a file that cannot be read is tried again, ever less often, until it can be', async (t) => {
  const { clock, files, next } = setUp();
  const delays: number[] = [];
  for (let time = 0; time < 8; time += 1) {
    t.true(files.tell('/file', refused));
    delays.push(await next());
  }
  t.deepEqual(delays, [5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  t.false(files.tell('/file', gone));
  t.is(clock.pending, 0);
});

test('a file that has gone when it is tried again is forgotten', async (t) => {
  const { clock, files, again, next } = setUp();
  files.tell('/file', refused);
  await next();
  await clock.advance(300_000);
  t.is(clock.pending, 0);
  t.is(again.length, 1);
  files.tell('/file', refused);
  t.is(await next(), 5000);
});

test('nothing waits once it is cleared', async (t) => {
  const { clock, files } = setUp();
  files.tell('/one', refused);
  await clock.advance(5000);
  files.tell('/other', refused);
  files.clear();
  t.is(clock.pending, 0);
});
