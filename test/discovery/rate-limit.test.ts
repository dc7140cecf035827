import test from 'ava';
import { RateLimit, RateLimitBySource } from '../../src/discovery/rate-limit.ts';

/** How many of `count` that come one every `everyMs` are allowed. */
function allowed(take: (now: number) => boolean, count: number, everyMs: number): number {
  let taken = 0;
  for (let number = 0; number < count; number++) if (take(number * everyMs)) taken++;
  return taken;
}

test('a burst is allowed at once and the rest at the rate', (t) => {
  const limit = new RateLimit({ burst: 10, perSecond: 5 });
  t.is(
    allowed((now) => limit.take(now), 1000, 10),
    10 + 49,
  );
});

test('a clock that stands still or goes back gives nothing away', (t) => {
  const limit = new RateLimit({ burst: 2, perSecond: 1000 });
  t.deepEqual(
    [5, 5, 5, 4, 3].map((now) => limit.take(now)),
    [true, true, false, false, false],
  );
});

test('sources do not use up what others have', (t) => {
  const limit = new RateLimitBySource({ burst: 1, perSecond: 0 }, 2);
  t.true(limit.take('a', 0));
  t.false(limit.take('a', 0));
  t.true(limit.take('b', 0));
  t.false(limit.take('b', 0));
});

test('so many sources are remembered, and the one that was heard of longest ago is forgotten', (t) => {
  const limit = new RateLimitBySource({ burst: 1, perSecond: 0 }, 2);
  for (const source of ['a', 'b']) t.true(limit.take(source, 0));
  t.false(limit.take('a', 0));
  t.true(limit.take('c', 0));
  t.false(limit.take('a', 0));
  t.true(limit.take('b', 0));
});
