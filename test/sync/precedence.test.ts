import test from 'ava';
import fc from 'fast-check';
import { compareClaims, compareContents, latestClaims } from '../../src/sync/precedence.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { compareVersions, lastChange } from '../../src/model/version-vector.ts';
import { anyEntry, someDevices } from '../support/arbitrary-entries.ts';
import { blocksOf, fileEntry, tombstone } from '../support/entries.ts';

test('precedence is symmetric: if A goes before B, B goes after A', (t) => {
  fc.assert(
    fc.property(anyEntry, anyEntry, (a, b) =>
      t.is(Math.sign(compareClaims(a, b)) + Math.sign(compareClaims(b, a)), 0),
    ),
  );
});

test('only claims of the same file with the same last change have the same precedence', (t) => {
  const facts = ({ version, type, deleted, target, size, blocks, mtimeUs, executable }: FileEntry) => {
    const { device, value } = lastChange(version) ?? {};
    const content = [type, target, size, Buffer.from(blocks).toString('hex')];
    return [deleted, device, value, ...content, mtimeUs, executable];
  };
  // Of two that differ in one thing only, in each thing in turn, one goes first.
  const device = someDevices[0]!;
  const version = [{ device, value: 5 }];
  const entries = ['file', 'symlink', 'directory', 'deleted'].flatMap((kind) => {
    const type = kind === 'deleted' ? 'file' : (kind as FileEntry['type']);
    const entry = { ...fileEntry('x', { version, content: 'a' }), type, deleted: kind === 'deleted' };
    return [
      entry,
      { ...entry, version: [{ device: someDevices[1]!, value: 5 }] },
      { ...entry, version: [{ device, value: 6 }] },
      { ...entry, version: [] },
      { ...entry, target: 'b' },
      { ...entry, size: 1001 },
      { ...entry, blocks: blocksOf('b', 1000) },
      { ...entry, mtimeUs: 1 },
      { ...entry, executable: true },
    ];
  });
  for (const a of entries) {
    for (const b of entries) {
      const order = compareClaims(a, b);
      t.is(Math.sign(order) + Math.sign(compareClaims(b, a)), 0);
      t.is(order === 0, JSON.stringify(facts(a)) === JSON.stringify(facts(b)));
    }
  }
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

test('what was deleted has no content: it is like nothing but another tombstone', (t) => {
  const file = fileEntry('x', { size: 0 });
  const folder = fileEntry('x', { type: 'directory', size: 0 });
  for (const there of [file, folder]) {
    const gone = tombstone('x', { type: there.type });
    t.is(compareContents(there, gone), 'different');
    t.is(compareContents(gone, there), 'different');
  }
  t.is(compareContents(tombstone('x'), tombstone('x', { type: 'directory' })), 'same');
});
