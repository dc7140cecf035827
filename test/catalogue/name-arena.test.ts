import test from 'ava';
import fc from 'fast-check';
import { fold } from '../../src/catalogue/fold.ts';
import { NameArena } from '../../src/catalogue/name-arena.ts';

const name = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom('a', 'b', 'A', 'é', '漢', '😀', '/', '0'),
      minLength: 1,
      maxLength: 12,
    }),
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\\')),
  )
  .map(fold);

test('it finds what a plain search finds', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ row: fc.integer({ min: 1, max: 2 ** 40 }), name })),
      fc
        .oneof(fc.string({ unit: fc.constantFrom('a', 'b', 'é', '漢', '/', '0'), maxLength: 3 }), fc.string())
        .map(fold),
      (entries, wanted) => {
        const arena = new NameArena();
        const half = Math.floor(entries.length / 2);
        for (const part of [entries.slice(0, half), entries.slice(half)]) {
          arena.add(
            part.map((entry) => entry.row),
            part.map((entry) => entry.name),
          );
        }
        t.is(arena.count, entries.length);
        t.deepEqual(
          [...arena.search([wanted])].flat(),
          entries.filter((entry) => entry.name.includes(wanted)).map((entry) => entry.row),
        );
        const even = (text: string) => text.length % 2 === 0;
        t.deepEqual(
          [...arena.search([wanted, 'a'], even)].flat(),
          entries
            .filter((entry) => entry.name.includes(wanted) && entry.name.includes('a') && even(entry.name))
            .map((entry) => entry.row),
        );
      },
    ),
    { numRuns: 10_000 },
  );
});

test('it finds names across many chunks and forgets them all', (t) => {
  const arena = new NameArena();
  const rows = Array.from({ length: 100_000 }, (_, at) => at + 1);
  arena.add(
    rows,
    rows.map((row) => `folder ${row % 10}/some name that is not short ${row}.txt`),
  );
  t.true(arena.bytes > 4 * 2 ** 20);
  t.deepEqual([...arena.search(['short 99999.txt'])].flat(), [99_999]);
  t.deepEqual([...arena.search([])].flat(), rows);
  arena.clear();
  t.is(arena.bytes, 0);
  t.deepEqual([...arena.search([])].flat(), []);
});
