import test from 'ava';
import fc from 'fast-check';
import { blake3, nativeBlake3, webAssemblyBlake3 } from '../../src/core/blake3.ts';

test('agrees with the official test vectors', (t) => {
  // https://github.com/BLAKE3-team/BLAKE3/blob/master/test_vectors: the input is 0, 1 … 250, 0, 1 …
  const vectors = new Map([
    [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
    [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
    [1024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
  ]);
  for (const [length, hash] of vectors) {
    const input = Uint8Array.from({ length }, (_, index) => index % 251);
    t.is(Buffer.from(blake3(input)).toString('hex'), hash);
  }
});

test('is the same natively and as WebAssembly, and results do not share memory', async (t) => {
  const [native, wasm] = await Promise.all([nativeBlake3(), webAssemblyBlake3()]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.uint8Array({ maxLength: 10 }), (bytes, others) => {
      const hashes = [native(bytes), wasm(bytes)];
      native(others);
      wasm(others);
      t.deepEqual(hashes[0], hashes[1]);
    }),
    { numRuns: 500 },
  );
});
