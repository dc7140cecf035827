import test from 'ava';
import fc from 'fast-check';
import { fold } from '../../src/catalogue/fold.ts';

for (const [text, folded] of [
  ['Informe FINAL.PDF', 'informe final.pdf'],
  ['Año/Ñandú.txt', 'ano/nandu.txt'],
  ['an\u0303o', 'ano'],
  ['İstanbul', 'istanbul'],
  ['ΟΔΟΣ', 'οδοσ'],
  ['Ёлка', 'елка'],
  ['한국어', '한국어'],
  ['हिन्दी', 'हिन्दी'],
] as const) {
  test(`${text} is compared as ${folded}`, (t) => {
    t.is(fold(text), folded);
  });
}

const anyText = fc.string({ unit: 'binary' });

test('texts fold the same alone and joined', (t) => {
  fc.assert(
    fc.property(fc.array(anyText), fc.constantFrom('/', '\\'), (texts, joint) => {
      t.is(fold(texts.join(joint)), texts.map(fold).join(joint));
    }),
    { numRuns: 10_000 },
  );
});

test('folding leaves no capital A to Z and adds no separator', (t) => {
  fc.assert(
    fc.property(anyText, (text) => {
      t.false(/[A-Z]/.test(fold(text)));
      t.is(fold(text).split(/[/\\]/).length, text.split(/[/\\]/).length);
    }),
    { numRuns: 10_000 },
  );
});
