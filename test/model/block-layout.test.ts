import test from 'ava';
import fc from 'fast-check';
import { blockCount, blockRange, blockSizeFor } from '../../src/model/block-layout.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

test('the block size grows with the file', (t) => {
  const table = [
    [0, 512 * KIB],
    [GIB, 512 * KIB],
    [GIB + 1, 2 * MIB],
    [4 * GIB, 2 * MIB],
    [4 * GIB + 1, 8 * MIB],
    [16 * GIB, 8 * MIB],
    [16 * GIB + 1, 16 * MIB],
    [1024 * GIB, 16 * MIB],
  ];
  for (const [size, expected] of table) t.is(blockSizeFor(size!), expected!);
});

test('blocks cover the file once, without a gap', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 * GIB }), (size) => {
      let end = 0;
      const count = blockCount(size);
      for (let index = 0; index < count; index += 1) {
        const { offset, length } = blockRange(size, index);
        if (offset !== end || length < 1) t.fail(`block ${index} of ${size}`);
        end = offset + length;
      }
      t.is(end, size);
    }),
    { numRuns: 200 },
  );
});
