import test from 'ava';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { isCompartidosError } from '../../src/core/errors.ts';
import { compileGlob, globBelow, matchesNothing, MAX_GLOB_LENGTH } from '../../src/model/glob.ts';

const cases: readonly [pattern: string, path: string, matches: boolean][] = [
  ['*.pdf', 'tema 1.pdf', true],
  ['*.pdf', 'apuntes/tema 1.PDF', true],
  ['apuntes/*.pdf', 'apuntes/tema 1.pdf', true],
  ['apuntes/*.pdf', 'apuntes/viejos/tema 1.pdf', false],
  ['apuntes/**', 'apuntes/viejos/tema 1.pdf', true],
  ['foto?.{jpg,png}', 'foto1.png', true],
  ['*', '.bashrc', true],
  ['!*.pdf', 'tema.txt', false],
  ['ñ*', 'ÑANDÚ', true],
  ['*Σ', 'ΟΔΟΣ', true],
  ['*σ', 'ΟΔΟΣ', true],
  ['stra?e', 'Straße', true],
  ['strasse', 'Straße', false],
  ['?.txt', '😀.txt', true],
  ['cafe\u0301*', 'caf\u00e9.txt', true],
  ['apuntes/**', 'apuntes', true],
  ['*/**', 'apuntes', false],
  ['*/**', 'apuntes/tema.txt', true],
  ['**/tema.txt', 'tema.txt', true],
  ['**/tema.txt', 'a/b/tema.txt', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b/**/c', 'a/b/x/b/y/c', true],
  ['a/**/b/**/c', 'a/x/c', false],
  ['a**', 'abc', true],
  ['x/a**', 'x/ab/c', false],
  ['./*.pdf', 'tema.pdf', true],
  ['./*.pdf', 'a/tema.pdf', false],
  ['[a-c]*', 'Bien.txt', true],
  ['[A-C]*', 'bien.txt', true],
  ['[!a-c]*', 'bien.txt', false],
  ['[^a-c]*', 'dos.txt', true],
  ['[!a]', '!', true],
  ['[^a]', '^', true],
  ['[]a]', ']', true],
  ['[a-]', '-', true],
  ['[a', '[a', true],
  ['[z-a]', 'm', false],
  ['{a,b{c,d}}', 'bd', true],
  ['{a,b{c,d}}', 'b', false],
  ['{a/**,b}', 'a/x/y', true],
  ['{a,b/c}', 'x/a', false],
  ['foto{,s}.jpg', 'fotos.jpg', true],
  ['{a}', '{a}', true],
  ['{a}', 'a', false],
  ['{a,b', '{a,b', true],
  ['\\{a,b\\}', '{a,b}', true],
  ['foto {a,b}.jpg', 'x/Foto {a,b}.jpg', true],
  ['x/[1]/{a,b}', 'x/[1]/{a,b}', true],
  ['x/{a,b}', 'y/x/{a,b}', false],
  ['\\[a]', 'a', false],
  ['foto (1).jpg', 'foto (1).jpg', true],
  ['foto (1)*', 'FOTO (1).JPG', true],
  ['**/foto [1].jpg', 'a/Foto [1].jpg', true],
  ['+(a)', 'aa', false],
  ['!(a)', '!(a)', true],
  ['@home+', '@home+', true],
  ['a.c', 'abc', false],
];

for (const [pattern, path, matches] of cases) {
  test(`${pattern} ${matches ? 'matches' : 'does not match'} ${path}`, (t) => {
    t.is(compileGlob(pattern)(path), matches);
  });
}

test('any text is either a glob or GLOB_INVALID', (t) => {
  const piece = fc.constantFrom(
    '*',
    '**',
    '[',
    ']',
    '{',
    '}',
    '(',
    ')',
    '!',
    '+',
    '?',
    '\\',
    ',',
    '/',
    'a',
    '@(',
    '-',
    '😀',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 20 }).map((all) => all.join('')),
      ),
      (pattern) => {
        try {
          compileGlob(pattern)('a/b.txt');
        } catch (error) {
          t.true(isCompartidosError(error, 'GLOB_INVALID'), String(error));
        }
      },
    ),
    { numRuns: 10_000 },
  );
});

test('what is neither text nor short nor of few alternatives is GLOB_INVALID', (t) => {
  const many = '{a,b}'.repeat(20);
  for (const pattern of [
    '',
    'a\0b',
    'a'.repeat(MAX_GLOB_LENGTH + 1),
    many,
    `{${many},x}`,
    '{,}'.repeat(300),
  ]) {
    const error = t.throws(() => compileGlob(pattern), undefined, pattern.slice(0, 20));
    t.true(isCompartidosError(error, 'GLOB_INVALID'));
  }
  t.notThrows(() => compileGlob(`{${'a,'.repeat(500)}b}`));
  t.notThrows(() => compileGlob('{a,'.repeat(200) + 'b' + '}'.repeat(200)));
});

test('patterns that a backtracking matcher never comes to the end of are answered', (t) => {
  const name = 'a'.repeat(255);
  const path = Array.from({ length: 16 }, () => name).join('/');
  for (const [pattern, text, matches] of [
    ['+(a*)*+(a*)b', name, false],
    ['*a*a*a*a*a*b', name, false],
    ['*a'.repeat(512), path, false],
    [`${'*a'.repeat(100)}b`, path, false],
    ['*a'.repeat(512), 'a'.repeat(4096), true],
    [`*${'a'.repeat(1000)}b`, 'a'.repeat(4096), false],
    ['**/a*/'.repeat(100) + 'b', 'a/'.repeat(2047) + 'a', false],
    [`${'**/*a*a*a*a*a*b/'.repeat(60)}x`, path, false],
    [`{${'*a*a*a*ab,'.repeat(90)}*b}`, path, false],
    ['{*a,*aa}'.repeat(8), name, true],
  ] as const) {
    t.is(compileGlob(pattern)(text), matches, pattern.slice(0, 40));
  }
});

test('it answers as picomatch does where both mean the same', (t) => {
  const options = { nocase: true, dot: true, nonegate: true };
  const name = fc.array(fc.constantFrom('a', 'b', 'A', 'ñ', '.c', '(', '+'), { minLength: 1, maxLength: 4 });
  const path = fc
    .array(
      name.map((parts) => parts.join('')),
      { minLength: 1, maxLength: 4 },
    )
    .map((names) => names.join('/'));
  const piece = fc.constantFrom('a', 'b', 'B', 'Ñ', '.c', '*', '?', '[ab]', '{a,b}', '{a,b?}', '{b,{a,aa}}');
  const segment = fc.oneof(
    { arbitrary: fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')), weight: 3 },
    { arbitrary: fc.constant('**'), weight: 1 },
  );
  const glob = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .map((segments) => segments.join('/'))
    .filter((pattern) => pattern.split('{').length <= 5 && !/[^/]\*\*|\*\*[^/]/.test(pattern));
  let matched = 0;
  fc.assert(
    fc.property(glob, path, (pattern, text) => {
      const expected = picomatch(pattern, { ...options, basename: !pattern.includes('/') })(text);
      if (expected) matched += 1;
      t.is(compileGlob(pattern)(text), expected, `${pattern} and ${text}`);
    }),
    { numRuns: 20_000 },
  );
  t.true(matched > 1000, `${matched}`);
});

test('what is below a folder of any name', (t) => {
  for (const folder of ['a', 'a b/c', '[x]', '{a,b}', '*', 'what?/**', 'back']) {
    const below = compileGlob(globBelow(folder));
    t.true(below(`${folder}/x`), folder);
    t.true(below(`${folder}/x/y.z`), folder);
    t.false(below(folder), folder);
    t.false(below(`other/${folder}/x`), folder);
  }
  t.true(compileGlob(globBelow('a/'))('a/x'));
  t.false(compileGlob(globBelow('*'))('a/x'));
});

test('a pattern with a part that no name can be matches nothing', (t) => {
  const hopeless = ['/abs', '../x', 'a/../b', 'a//b', 'a/', 'a/./b', '.', '..', '/', '{/a,b/}', '**/'];
  for (const pattern of hopeless) t.true(matchesNothing(pattern), pattern);
  for (const pattern of ['./a', '[a', '{a,b', '{/a,b}', '...', 'a..b', '**', '*/**']) {
    t.false(matchesNothing(pattern), pattern);
  }
});
