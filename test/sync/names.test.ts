import test from 'ava';
import fc from 'fast-check';
import { isCompartidosError } from '../../src/core/errors.ts';
import { shortDeviceId } from '../../src/model/device-id.ts';
import {
  baseName,
  parseRelativePath,
  pathProblem,
  type RelativePath,
} from '../../src/model/relative-path.ts';
import {
  conflictName,
  freeName,
  numberedName,
  readConflictName,
  safeLabel,
  takenName,
} from '../../src/sync/names.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';

const writer = shortDeviceId(deviceNamed('writer'));
const time = Date.UTC(2026, 10, 22, 14, 3, 5) * 1000 + 999_999;
const path = (text: string) => parseRelativePath(text);
const conflict = (text: string, mtimeUs = time) => conflictName(path(text), fileEntry(text, { mtimeUs }));

for (const [name, expected] of [
  ['report.pdf', `report (conflict ${writer} 2026-11-22 14.03.05).pdf`],
  ['a/b.c/notes', `a/b.c/notes (conflict ${writer} 2026-11-22 14.03.05)`],
  ['src.tar.gz', `src (conflict ${writer} 2026-11-22 14.03.05).tar.gz`],
  ['.profile', `.profile (conflict ${writer} 2026-11-22 14.03.05)`],
  ['Mr. Smith', `Mr. Smith (conflict ${writer} 2026-11-22 14.03.05)`],
  ['x (conflict ABCDEFG 2025-01-01 00.00.00).txt', `x (conflict ${writer} 2026-11-22 14.03.05).txt`],
] as const) {
  test(`the copy of a conflict over ${name}`, (t) => {
    t.is(conflict(name), path(expected));
  });
}

test('a long name is cut at a character, as little as its mark demands', (t) => {
  for (const letter of ['a', 'ñ', '漢', '😀']) {
    const bytes = Buffer.byteLength(letter);
    for (const length of [50, 51, 52, 53, 63, 255 - 4]) {
      const stem = letter.repeat(Math.floor(length / bytes));
      const made = takenName(path(`a/${stem}.txt`), 'Ana');
      const tail = ' (from Ana).txt';
      const room = Math.min(Buffer.byteLength(stem), 255 - tail.length);
      t.is(made, path(`a/${letter.repeat(Math.floor(room / bytes))}${tail}`));
    }
  }
  const deep = 'a/'.repeat(2030);
  t.is(takenName(path(`${deep}${'b'.repeat(30)}`), 'Ana'), path(`${deep}${'b'.repeat(25)} (from Ana)`));
});

test('a name is not made where the folders above leave no room for it', (t) => {
  const error = t.throws(() => takenName(path(`${'a/'.repeat(2045)}b`), 'Ana'));
  t.true(isCompartidosError(error, 'PATH_INVALID'));
});

test('a label has at most 40 characters', (t) => {
  t.is(safeLabel('😀'.repeat(41)), '😀'.repeat(40));
});

test('the device in the name is the one that changed the loser last', (t) => {
  const [early, late] = [deviceNamed('early'), deviceNamed('late')];
  const version = [
    { device: early, value: 5 },
    { device: late, value: 9 },
  ].sort((a, b) => (a.device < b.device ? -1 : 1));
  const name = conflictName(path('x'), fileEntry('x', { version }));
  t.true(name.includes(shortDeviceId(late)));
});

test('times that no calendar has are bounded', (t) => {
  t.true(conflict('x', -1).includes('1970-01-01 00.00.00'));
  t.true(conflict('x', Number.MAX_SAFE_INTEGER).includes('2255-06-05'));
});

test('a conflict copy is known by its name', (t) => {
  t.deepEqual(readConflictName(conflict('a/report.tar.gz')), {
    path: path('a/report.tar.gz'),
    device: writer,
    time: Math.floor(time / 1_000_000) * 1000,
  });
  t.like(readConflictName(numberedName(conflict('a/report.pdf'), 2)), { path: path('a/report.pdf') });
  t.like(readConflictName(conflict('a/Makefile')), { path: path('a/Makefile') });
  t.is(conflictName(conflict('Makefile'), fileEntry('Makefile', { mtimeUs: time })), conflict('Makefile'));
  for (const name of [
    'a/report (conflict).pdf',
    ' (conflict ABCDEFG 2026-11-22 14.03.05)',
    'x (conflict ABCDEFG 2026-99-99 14.03.05)',
  ]) {
    t.is(readConflictName(path(name)), undefined);
  }
});

test('a taken name says where the newcomer is from', (t) => {
  t.is(takenName(path('a/x.txt'), 'Ana'), path('a/x (from Ana).txt'));
  t.is(takenName(path('x'), '../../etc'), path('x (from etc)'));
  t.is(takenName(path('x'), '\u202e\0\n/'), path('x (from unknown)'));
});

test('numbers begin at two and take the first that is free', (t) => {
  const taken = new Set<string>(['x.txt', 'x 2.txt']);
  t.is(
    freeName(path('x.txt'), (name) => taken.has(name)),
    path('x 3.txt'),
  );
  t.is(
    freeName(path('y.txt'), (name) => taken.has(name)),
    path('y.txt'),
  );
});

const character = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  fc.constantFrom('.', ' ', 'ñ', 'e\u0301', '漢', '😀', '(', ')', '\u0301'),
);
const segment = fc.array(character, { minLength: 1, maxLength: 130 }).map((parts) => parts.join(''));
const anyPath: fc.Arbitrary<RelativePath> = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join('/').normalize('NFC'))
  .filter((text) => pathProblem(text) === undefined)
  .map(path);

test('every name that is made is a valid one in the same folder', (t) => {
  const anyLabel = fc.oneof(fc.string({ unit: 'binary' }), segment);
  fc.assert(
    fc.property(anyPath, anyLabel, fc.integer(), (name, label, mtimeUs) => {
      const folder = name.slice(0, -baseName(name).length);
      const made = [takenName(name, label), conflict(name, mtimeUs), numberedName(name, 17)];
      for (const result of made) {
        t.is(pathProblem(result), undefined);
        t.is(result.slice(0, -baseName(result).length), folder);
        t.not(result, name);
      }
    }),
    { numRuns: 10_000 },
  );
});

test('a label cannot leave a folder, whatever a peer calls itself', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const label = safeLabel(name);
      t.is(pathProblem(label), undefined);
      t.false(/[/\\:{}()]/.test(label));
    }),
    { numRuns: 10_000 },
  );
});
