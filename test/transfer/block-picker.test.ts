import test from 'ava';
import fc from 'fast-check';
import { BlockMap } from '../../src/transfer/block-map.ts';
import { ownSegment, pickInOrder, pickRarest } from '../../src/transfer/block-picker.ts';
import type { Choice } from '../../src/transfer/block-picker.ts';

/** Number of holders of each block; 0: not wanted. */
function choiceOf(holders: readonly number[]): Choice {
  return {
    length: holders.length,
    wanted: (index) => holders[index]! > 0,
    holders: (index) => holders[index]!,
  };
}

test('in order: the next wanted block, round the end', (t) => {
  t.is(pickInOrder(choiceOf([1, 0, 1, 1]), 1), 2);
  t.is(pickInOrder(choiceOf([1, 0, 0, 0]), 2), 0);
  t.is(pickInOrder(choiceOf([0, 0]), 0), undefined);
});

test('rarest: our own part first, then the rarest of all', (t) => {
  const own = { from: 2, until: 4 };
  t.is(pickRarest(choiceOf([1, 1, 2, 1, 1, 1]), own, 0), 3);
  t.is(pickRarest(choiceOf([2, 1, 2, 2, 3, 3]), own, 0.5), 1);
  t.is(pickRarest(choiceOf([3, 3, 2, 3, 3, 3]), own, 0.9), 2);
  t.is(pickRarest(choiceOf([0, 0, 0, 0]), own, 0.9), undefined);
});

test('a block is picked whenever one is wanted, and it is a wanted one', (t) => {
  const holders = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 40 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(holders, random, fc.nat(5), (wanted, chance, position) => {
      const choice = choiceOf(wanted);
      const own = ownSegment(choice.length, position, 6);
      const picks = [
        pickRarest(choice, own, chance),
        pickInOrder(choice, Math.floor(chance * choice.length)),
      ];
      const exists = wanted.some((count) => count > 0);
      return picks.every((pick) => (exists ? wanted[pick!]! > 0 : pick === undefined));
    }),
  );
  t.pass();
});

test('the parts of all members make up the file', (t) => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 50 }), (length, members) => {
      let end = 0;
      for (let position = 0; position < members; position += 1) {
        const { from, until } = ownSegment(length, position, members);
        if (from !== end || until < from) return false;
        end = until;
      }
      return end === length;
    }),
  );
  t.pass();
});

test('a block map survives the wire; missing bits are 0, and bits beyond its end are ignored (4.8)', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(170), (bytes, length) => {
      const map = BlockMap.fromBytes(bytes, length);
      const again = BlockMap.fromBytes(map.toBytes(), length);
      const isSet = (index: number) =>
        index < length && ((bytes[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
      const indexes = Array.from({ length: length + 9 }, (_, index) => index);
      return (
        map.count === indexes.filter(isSet).length &&
        again.count === map.count &&
        indexes.every((index) => map.has(index) === isSet(index) && again.has(index) === isSet(index))
      );
    }),
    { numRuns: 10_000 },
  );
  t.pass();
});
