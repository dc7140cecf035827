import test from 'ava';
import fc from 'fast-check';
import { isCompartidosError } from '../../src/core/errors.ts';
import { compileGlob } from '../../src/model/glob.ts';

const cases: readonly [pattern: string, path: string, matches: boolean][] = [
  ['*.pdf', 'tema 1.pdf', true],
  ['*.pdf', 'apuntes/tema 1.PDF', true],
  ['apuntes/*.pdf', 'apuntes/tema 1.pdf', true],
  ['apuntes/*.pdf', 'apuntes/viejos/tema 1.pdf', false],
  ['apuntes/**', 'apuntes/viejos/tema 1.pdf', true],
  ['foto?.{jpg,png}', 'foto1.png', true],
  ['*', '.bashrc', true],
  ['!*.pdf', 'tema.txt', false],
  ['ñ*', 'ñandú', true],
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
