import test from 'ava';
import fc from 'fast-check';
import { globLiterals } from '../../src/catalogue/glob-literals.ts';
import { compileGlob } from '../../src/model/glob.ts';

for (const [glob, literals] of [
  ['*.pdf', ['pdf']],
  ['**/report-2026*.xlsx', ['report-2026', 'xlsx']],
  ['photos/**', ['photos']],
  ['a/**/bcd', ['bcd', 'a']],
  ['{jpg,jpeg}*', []],
  ['[abc]def?', ['def']],
  ['*', []],
] as const) {
  test(`${glob} needs ${literals.join(' and ') || 'nothing'}`, (t) => {
    t.deepEqual(globLiterals(glob), [...literals]);
  });
}

test('every path that a glob matches contains its literals', (t) => {
  const pieces = [
    'a',
    'b',
    'ab',
    'é',
    ' ',
    '.',
    '/',
    '*',
    '**',
    '?',
    '[ab]',
    '[!a]',
    '{a,b/a}',
    '(a|b)',
    '!(a)',
    '+(a)',
    '+',
  ];
  const odd = ['@(a)', '?(b)', '"', '\\', '!', ']', '}', ')', '|', '$', '^', './', '..', '[', '{', '('];
  const glob = fc.array(fc.constantFrom(...pieces, ...pieces, ...odd), { minLength: 1, maxLength: 7 });
  const path = fc.array(fc.constantFrom('a', 'b', 'ab', '.', '/', '+', '"', '$', 'é', ' '), {
    minLength: 1,
    maxLength: 6,
  });
  let matched = 0;
  fc.assert(
    fc.property(glob, path, (parts, names) => {
      const pattern = parts.join('');
      const name = names.join('');
      let matches = false;
      try {
        matches = compileGlob(pattern)(name);
      } catch {
        return;
      }
      if (!matches) return;
      matched += 1;
      for (const literal of globLiterals(pattern)) {
        t.true(name.includes(literal), `${pattern} matches ${name}, not ${literal}`);
      }
    }),
    { numRuns: 20_000 },
  );
  t.true(matched > 200, `${matched}`);
});
