import test from 'ava';
import fc from 'fast-check';
import { BufferPool } from '../../src/core/buffer-pool.ts';

const MIB = 1024 * 1024;

test('what was given back is used again, also for other lengths nearby', (t) => {
  const pool = new BufferPool();
  const first = pool.take(4 * MIB + 4);
  t.is(first.length, 4 * MIB + 4);
  pool.give(first.subarray(4));
  t.is(pool.take(4 * MIB + 9).buffer, first.buffer);
  t.not(pool.take(4 * MIB + 4).buffer, first.buffer);
});

test('nobody shares a buffer, however often it is given back', (t) => {
  const lengths = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.nat(9), fc.boolean()));
  fc.assert(
    fc.property(lengths, (steps) => {
      const pool = new BufferPool();
      const lent: Buffer[] = [];
      for (const [length, which, twice] of steps) {
        const buffer = pool.take(length);
        t.is(buffer.length, length);
        t.false(lent.some((other) => other.buffer === buffer.buffer));
        lent.push(buffer);
        const [back] = lent.splice(which, 1);
        if (back) pool.give(back);
        if (back && twice) pool.give(back);
      }
    }),
  );
});

test('a buffer wastes at most a fourth', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 * MIB }), (length) => {
      const { byteLength } = new BufferPool().take(length).buffer;
      t.true(byteLength >= length && byteLength <= 1.25 * length);
    }),
    { numRuns: 1000 },
  );
});

test('only so much is kept, nothing after clear, and what is not from the pool never', (t) => {
  const pool = new BufferPool();
  const many = Array.from({ length: 10 }, () => pool.take(8 * MIB));
  for (const buffer of many) pool.give(buffer);
  const again = Array.from({ length: 10 }, () => pool.take(8 * MIB));
  t.is(again.filter(({ buffer }) => many.some((before) => before.buffer === buffer)).length, 8);
  for (const buffer of again) pool.give(buffer);
  pool.clear();
  t.false(again.some(({ buffer }) => buffer === pool.take(8 * MIB).buffer));
  const foreign = Buffer.allocUnsafeSlow(8 * MIB);
  pool.give(foreign);
  t.not(pool.take(8 * MIB).buffer, foreign.buffer);
});

test('what is kept goes at the second rest after it was last needed', (t) => {
  const pool = new BufferPool();
  const first = pool.take(1000);
  pool.give(first);
  pool.rest();
  t.is(pool.take(1000).buffer, first.buffer);
  pool.give(first);
  pool.rest();
  pool.rest();
  t.not(pool.take(1000).buffer, first.buffer);
});

test('a buffer of several users is used again when each has given it back', (t) => {
  const pool = new BufferPool();
  const all = pool.take(1000, 3);
  pool.give(all.subarray(0, 10));
  pool.give(all.subarray(500));
  t.not(pool.take(1000).buffer, all.buffer);
  pool.give(all);
  t.is(pool.take(1000).buffer, all.buffer);
  pool.share(all, 2);
  pool.give(all);
  t.not(pool.take(1000).buffer, all.buffer);
  pool.give(all);
  t.is(pool.take(1000).buffer, all.buffer);
});

test('what comes back from another thread can be given back', (t) => {
  const pool = new BufferPool();
  const buffer = pool.take(100_000).buffer as ArrayBuffer;
  const returned = structuredClone(buffer, { transfer: [buffer] });
  pool.give({ buffer: returned });
  t.not(pool.take(100_000).buffer, returned);
  pool.readmit(returned, 1);
  pool.give({ buffer: returned });
  t.is(pool.take(100_000).buffer, returned);
});

test('one that is up to twice as large serves as well, and what was not used for longest is dropped first', (t) => {
  const pool = new BufferPool();
  const large = pool.take(2 * MIB);
  pool.give(large);
  t.is(pool.take(MIB).buffer, large.buffer);
  pool.give(large);
  t.not(pool.take(MIB - 1024 * 300).buffer, large.buffer);
  const others = Array.from({ length: 8 }, () => pool.take(8 * MIB));
  for (const other of others) pool.give(other);
  t.not(pool.take(2 * MIB).buffer, large.buffer);
  const again = pool.take(8 * MIB);
  t.true(others.some(({ buffer }) => buffer === again.buffer));
});
