import test from 'ava';
import fc from 'fast-check';
import { RecentChanges } from '../../src/index/recent-changes.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { fileEntry } from '../support/entries.ts';

const entry = (path: string, sequence: number, blockBytes = 32): FileEntry => {
  return { ...fileEntry(path), sequence, blocks: new Uint8Array(blockBytes) };
};

test('what is said is what a database would say, and what is not known is not said', (t) => {
  const batches = fc.array(
    fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 6 }),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(
      batches,
      fc.nat(10),
      fc.nat(80),
      fc.integer({ min: 1, max: 9 }),
      (paths, begin, after, limit) => {
        const recent = new RecentChanges();
        const all = new Map<string, FileEntry>();
        let sequence = begin;
        for (const batch of paths) {
          const entries = batch.map((path) => entry(path, ++sequence));
          for (const each of entries) all.set(each.path, each);
          recent.add(entries);
        }
        const expected = [...all.values()]
          .sort((a, b) => a.sequence - b.sequence)
          .filter((each) => each.sequence > after)
          .slice(0, limit);
        const isKnown = paths.length > 0 && after >= begin;
        t.deepEqual(recent.after(after, limit), isKnown ? expected : undefined);
      },
    ),
  );
});

test('only so many changes and so many hashes are kept', (t) => {
  const recent = new RecentChanges();
  for (let sequence = 1; sequence <= 5000; sequence += 1) recent.add([entry(`${sequence}`, sequence)]);
  t.is(recent.after(0, 10), undefined);
  t.is(recent.after(4990, 100)?.length, 10);
  recent.add([entry('large', 5001, 5 * 1024 * 1024)]);
  t.is(recent.after(5000, 10), undefined);
  recent.add([entry('next', 5002)]);
  t.deepEqual(
    recent.after(5001, 10)?.map(({ path }) => String(path)),
    ['next'],
  );
});

test('after a gap what was known counts no more', (t) => {
  const recent = new RecentChanges();
  recent.add([entry('a', 1), entry('b', 2)]);
  recent.add([entry('c', 9)]);
  t.is(recent.after(1, 10), undefined);
  t.is(recent.after(8, 10)?.length, 1);
});
