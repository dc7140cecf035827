import test from 'ava';
import fc from 'fast-check';
import { printable } from '../../src/language/printable.ts';
import { formatPercent, formatSeconds, formatSize } from '../../src/language/quantities.ts';
import { fitMiddle, fitText, padText, textWidth, wrapText } from '../../src/language/text-width.ts';

test('no text keeps a character that moves the cursor or turns the line', (t) => {
  const forbidden = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
      const shown = printable(text);
      return !forbidden.test(shown) && printable(shown) === shown;
    }),
    { numRuns: 10_000 },
  );
  t.is(printable('año 👩‍👩‍👧 日本.txt'), 'año 👩‍👩‍👧 日本.txt');
  t.is(printable('\ud800'), '\ufffd');
});

test('widths count what a terminal draws', (t) => {
  for (const [text, width] of [
    ['abc', 3],
    ['ñandú', 5],
    ['n\u0303', 1],
    ['日本', 4],
    ['👩‍👩‍👧', 2],
    ['█░', 2],
  ] as const) {
    t.is(textWidth(text), width, text);
  }
});

test.serial('names of the alphabets of Europe are measured without taking them apart', (t) => {
  const segment = Object.getOwnPropertyDescriptor(Intl.Segmenter.prototype, 'segment')!;
  t.teardown(() => Object.defineProperty(Intl.Segmenter.prototype, 'segment', segment));
  const value = () => t.fail('a list of 50,000 such names took 25 s');
  Object.defineProperty(Intl.Segmenter.prototype, 'segment', { ...segment, value });
  for (const name of ['año/«Ñandú» – façade.jpg', 'Œuvre ǅ', 'Αθήνα', 'Ёлка', 'a → b…']) {
    t.is(textWidth(name), name.length);
    t.is(fitText(name, 3), `${name.slice(0, 2)}…`);
  }
});

test('a text that is fitted never takes more columns', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.nat(40), (text, columns) => {
      const fitted = [fitText(text, columns), fitMiddle(text, columns)];
      return (
        fitted.every((each) => textWidth(each) <= columns) && textWidth(padText(text, columns)) >= columns
      );
    }),
  );
  t.is(fitMiddle('álbum/2024/foto 001.jpg', 14), 'álbu…o 001.jpg');
  t.is(fitMiddle('👩‍👩‍👧/日本/é.txt', 9), '👩‍👩‍👧…/é.txt');
  t.is(fitText('abcdef', 4), 'abc…');
  t.is(padText('日', 4, 'right'), '  日');
});

test('a sentence goes on after a space, and what has none stays whole', (t) => {
  t.deepEqual(wrapText('todos pueden leer  eso', 12), ['todos pueden', 'leer  eso']);
  t.deepEqual(wrapText('en /srv/compartidos hay', 10), ['en', '/srv/compartidos', 'hay']);
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.integer({ min: 1, max: 20 }),
      (text, columns) => {
        const lines = wrapText(text, columns);
        return (
          lines.join(' ') === text && lines.every((line) => textWidth(line) <= columns || !line.includes(' '))
        );
      },
    ),
  );
});

test('sizes, times and shares', (t) => {
  t.is(formatSize('en', 999), '999 B');
  t.is(formatSize('en', 1000), '1.0 kB');
  t.is(formatSize('es', 1_234_567), '1,2 MB');
  t.is(formatSize('en', 999_999), '1.0 MB');
  t.is(formatSize('en', 123_456_789), '123 MB');
  t.is(formatSeconds(7), '0:07');
  t.is(formatSeconds(3725), '1:02:05');
  t.is(formatPercent(999, 1000), '99 %');
  t.is(formatPercent(0, 0), '100 %');
});
