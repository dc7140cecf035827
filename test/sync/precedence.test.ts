import test from 'ava';
import fc from 'fast-check';
import { compareClaims, compareContents, latestClaims } from '../../src/sync/precedence.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
import { anyEntry, someDevices } from '../support/arbitrary-entries.ts';
import { fileEntry } from '../support/entries.ts';

test('precedence is symmetric: if A goes before B, B goes after A', (t) => {
  fc.assert(
    fc.property(anyEntry, anyEntry, (a, b) =>
      t.is(Math.sign(compareClaims(a, b)) + Math.sign(compareClaims(b, a)), 0),
    ),
  );
});

test('precedence is one order: sorting gives the same from any order', (t) => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 6 }), (entries) => {
      const there = [...entries].sort(compareClaims);
      const back = [...entries].reverse().sort(compareClaims);
      there.forEach((entry, index) => t.is(compareClaims(entry, back[index]!), 0));
    }),
  );
});

test('the latest are those that none is newer than, the same in any order', (t) => {
  fc.assert(
    fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 6 }), (entries) => {
      const claims = entries.map((entry) => ({ entry }));
      const latest = latestClaims(claims);
      t.true(latest.length > 0);
      t.is(compareClaims(latest[0]!.entry, latestClaims([...claims].reverse())[0]!.entry), 0);
      for (const { entry } of latest) {
        t.true(entries.every((other) => compareVersions(other.version, entry.version) !== 'newer'));
      }
    }),
  );
});

test('of two changes the later goes first, and of an edit and a deletion the edit', (t) => {
  const [one, two] = someDevices;
  const early = fileEntry('x', { version: [{ device: one!, value: 100 }], content: 'a' });
  const late = fileEntry('x', { version: [{ device: two!, value: 200 }], content: 'b' });
  t.true(compareClaims(late, early) < 0);
  const deleted = { ...late, deleted: true };
  t.true(compareClaims(early, deleted) < 0);
});

test('contents are compared by what they are, not by when', (t) => {
  const file = fileEntry('x', { content: 'a' });
  t.is(compareContents(file, { ...file, mtimeUs: 5, executable: true }), 'same');
  t.is(compareContents(file, fileEntry('x', { content: 'b' })), 'different');
  t.is(compareContents(file, fileEntry('x', { size: 5 })), 'different');
  t.is(compareContents(file, { ...file, blocks: new Uint8Array(), hash: undefined }), 'unknown');
});
