import test from 'ava';
import fc from 'fast-check';
import { compareBytes } from '../../src/model/path-order.ts';

test('texts are in the order of their UTF-8 bytes', (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 6 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      t.is(Math.sign(compareBytes(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 10_000 },
  );
  t.true(compareBytes('\u{ffee}', '\u{10000}') < 0);
});
