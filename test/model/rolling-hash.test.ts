import test from 'ava';
import fc from 'fast-check';
import { rollHash, rollingHash } from '../../src/model/rolling-hash.ts';

test('rolling the window is the same as hashing it anew', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 65, maxLength: 300 }),
      fc.constantFrom(32, 64),
      (bytes, window) => {
        let hash = rollingHash(bytes, 0, window);
        for (let at = 1; at + window <= bytes.length; at += 1) {
          hash = rollHash(hash, bytes[at - 1]!, bytes[at + window - 1]!);
          if (hash !== rollingHash(bytes, at, at + window)) t.fail(`at ${at}`);
        }
        t.pass();
      },
    ),
  );
});

test('known values, for those who write another peer', (t) => {
  const allBytes = Uint8Array.from({ length: 256 }, (_, value) => value);
  t.is(rollingHash(new Uint8Array(32)), 0xffffffff);
  t.is(rollingHash(new Uint8Array(64)), 0);
  t.is(rollingHash(Buffer.from('compartidos')), 0x2337e011);
  t.is(rollingHash(allBytes), 0x3844f877);
});
