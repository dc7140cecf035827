import { join, resolve, sep } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { baseName, parentPath, parseRelativePath, pathProblem } from '../../src/model/relative-path.ts';

const refused = {
  '': 'empty',
  '/etc/passwd': 'not-relative',
  '..': 'not-relative',
  'a/../../b': 'not-relative',
  './a': 'not-relative',
  'a//b': 'not-relative',
  'a/': 'not-relative',
  'a\0b': 'nul',
  'a\\b': 'backslash',
  'lone \ud800': 'not-unicode',
  'cafe\u0301': 'not-normalised',
  '.compartidos/index.db': 'private',
  '.Compartidos/x': 'private',
  'app/.compartidos': 'private',
  'a/.compartidosIgnore': 'private',
  'a/b/.COMPARTIDOS/identity/key.pem': 'private',
  '.compartido\u017f/x': 'private',
  'a/\u200c.com\ufeffpartidos': 'private',
  '.comp\u00adarti\u200bdos/x': 'private',
  '.compartidos./trash': 'private',
  'a/.compartidos . ./x': 'private',
  'a/.compartidosignore.\u2060': 'private',
  [`${'a'.repeat(256)}`]: 'too-long',
  [`${'a/'.repeat(2048)}b`]: 'too-long',
} as const;

for (const [path, problem] of Object.entries(refused)) {
  test(`${JSON.stringify(path.slice(0, 30))} is ${problem}`, (t) => {
    t.is(pathProblem(path), problem);
    t.throws(() => parseRelativePath(path), { message: /PATH_INVALID/ });
  });
}

test('ordinary names pass', (t) => {
  for (const path of [
    'a',
    'a b/ñandú.txt',
    'with\nnewline',
    'C:',
    'x.compartidosignore',
    '.compartidosignored',
    'a/compartidos',
    '.compartidos.txt',
    '...',
    '%2e%2e/x',
    '📷.jpg',
  ]) {
    t.is(pathProblem(path), undefined, path);
  }
});

test('whatever passes stays inside the folder it is joined to', (t) => {
  const folder = resolve('/shared');
  const piece = fc.constantFrom('..', '.', '', '/', '\\', 'a', 'ñ', '%2e', '\0', '.compartidos', 'C:', '~');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('/')),
      ),
      (text) => {
        if (pathProblem(text) === undefined) t.true(join(folder, text).startsWith(folder + sep));
      },
    ),
    { numRuns: 10_000 },
  );
});

test('a path has a last segment and what comes before it', (t) => {
  t.is(baseName(parseRelativePath('a/b/c')), 'c');
  t.is(parentPath(parseRelativePath('a/b/c')), parseRelativePath('a/b'));
  t.is(parentPath(parseRelativePath('a')), undefined);
});
