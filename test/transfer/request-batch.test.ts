import test from 'ava';
import fc from 'fast-check';
import { MAX_BLOCK_BYTES } from '../../src/model/block-layout.ts';
import { MAX_PATH_BYTES, type RelativePath } from '../../src/model/relative-path.ts';
import { RequestBatch } from '../../src/transfer/request-batch.ts';
import { decodeFrame, encodeMessage } from '../../src/wire/codec.ts';
import { FRAME_HEADER_BYTES } from '../../src/wire/limits.ts';
import { MESSAGE_TYPES } from '../../src/wire/message-types.ts';
import type { WantedBlock } from '../../src/wire/messages/message.ts';
import { BLOCK } from '../support/block-size.ts';
import { wanted } from '../support/wanted-block.ts';

const KIB = 1024;

/** Of `characters` of two or three bytes each, in segments as long as they may be. */
const longPath = (characters: number): RelativePath =>
  Array.from({ length: Math.max(1, Math.ceil(characters / 80)) }, () => 'ñ€'.repeat(40)).join(
    '/',
  ) as RelativePath;

const block: fc.Arbitrary<WantedBlock> = fc
  .record({
    length: fc.oneof(
      fc.integer({ min: 1, max: 200 * KIB }),
      fc.constantFrom(BLOCK - 1, BLOCK, MAX_BLOCK_BYTES),
    ),
    characters: fc.integer({ min: 1, max: Math.floor(MAX_PATH_BYTES / 3) }),
  })
  .map(({ length, characters }) => ({ ...wanted(length), path: longPath(characters) }));

test('whatever is asked for together, a request for it is one that a peer takes', (t) => {
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 600 }), (blocks) => {
      let batch = new RequestBatch<number>();
      const batches = [batch];
      blocks.forEach((each, index) => {
        if (!batch.hasRoomFor(each)) batches.push((batch = new RequestBatch()));
        batch.add(index, each);
      });
      t.deepEqual(
        batches.flatMap(({ askers }) => askers),
        blocks.map((_, index) => index),
      );
      for (const { wanted: together } of batches) {
        const [frame] = encodeMessage({ type: 'block-request', id: 1, blocks: together, compare: true });
        const body = frame!.subarray(FRAME_HEADER_BYTES);
        const request = decodeFrame(MESSAGE_TYPES['block-request'].number, body);
        t.is(request.type === 'block-request' && request.blocks.length, together.length);
      }
    }),
    { numRuns: 50 },
  );
});

test('small blocks go together, up to a MiB, and a large one by itself', (t) => {
  const batch = new RequestBatch<string>();
  const small = wanted(128 * KIB);
  for (let count = 0; count < 8; count += 1) {
    t.true(batch.hasRoomFor(small));
    batch.add('small', small);
  }
  t.false(batch.hasRoomFor(wanted(1)));
  const one = new RequestBatch<string>();
  t.true(one.hasRoomFor(wanted(MAX_BLOCK_BYTES)));
  one.add('one', wanted(1));
  t.true(one.hasRoomFor(small));
  t.false(one.hasRoomFor(wanted(BLOCK)));
});
