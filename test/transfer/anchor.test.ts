import test from 'ava';
import fc from 'fast-check';
import { ANCHOR_BYTES, findAnchor, lastAnchor } from '../../src/transfer/anchor.ts';
import type { Reach } from '../../src/transfer/anchor.ts';
import { noise } from '../support/edited-bytes.ts';

const MIB = 1024 * 1024;

function fileOf(bytes: Buffer) {
  return {
    read: async (target: Uint8Array, position: number) => {
      return bytes.copy(target, 0, Math.min(position, bytes.length));
    },
  };
}

async function placesOf(bytes: Buffer, wanted: Uint8Array, reach: Reach): Promise<number[]> {
  const places: number[] = [];
  const anchor = { bytes: wanted, offset: 0 };
  for await (const place of findAnchor(fileOf(bytes), anchor, reach, () => {})) places.push(place);
  return places;
}

test('an anchor is found wherever it begins within reach, and nowhere else', async (t) => {
  const property = fc.asyncProperty(
    fc.uint8Array({ maxLength: 60, max: 2 }),
    fc.uint8Array({ minLength: 1, maxLength: 3, max: 2 }),
    fc.record({ near: fc.integer({ min: -20, max: 80 }), before: fc.nat(30), after: fc.nat(30) }),
    async (bytes, wanted, reach) => {
      const found = await placesOf(Buffer.from(bytes), wanted, reach);
      const expected = Array.from(bytes.keys()).filter(
        (at) =>
          at >= reach.near - reach.before &&
          at <= reach.near + reach.after &&
          Buffer.from(bytes.subarray(at, at + wanted.length)).equals(wanted),
      );
      t.deepEqual(
        found.toSorted((a, b) => a - b),
        expected,
      );
    },
  );
  await fc.assert(property, { numRuns: 10_000 });
});

test('it is found across the pieces that are read, the nearest after first', async (t) => {
  const wanted = noise(1, ANCHOR_BYTES);
  const bytes = noise(2, 5 * MIB);
  const places = [MIB - 10, 2 * MIB - 63, 2 * MIB + 100, 4 * MIB - 1];
  for (const place of places) wanted.copy(bytes, place);
  const found = await placesOf(bytes, wanted, { near: 2 * MIB, before: 5 * MIB, after: 5 * MIB });
  t.deepEqual(found, [places[2], places[3], places[1], places[0]]);
});

test('an anchor has something in it to recognise, as near to the end as there is', (t) => {
  const block = Buffer.concat([noise(3, 1000), Buffer.alloc(1000)]);
  const { bytes, offset } = lastAnchor(block, 5000)!;
  t.true(offset > 5000 + 1000 - 3 * ANCHOR_BYTES && offset < 6000);
  t.deepEqual(Buffer.from(bytes), block.subarray(offset - 5000, offset - 5000 + ANCHOR_BYTES));
  t.is(lastAnchor(noise(4, ANCHOR_BYTES), 7)?.offset, 7);
  t.is(lastAnchor(Buffer.alloc(10_000), 0), undefined);
  t.is(lastAnchor(noise(5, ANCHOR_BYTES - 1), 0), undefined);
});
