import test from 'ava';
import { helpLines } from '../../src/prompt/help-lines.ts';
import { textWidth } from '../../src/language/text-width.ts';
import { pairLines } from '../../src/views/pair-lines.ts';

const PAIRS = [
  ['uno', 'lo que se dice del primero, que es largo'],
  ['二', 'corto'],
] as const;

test('what is too long goes on in its own column', (t) => {
  t.deepEqual(pairLines(PAIRS, 28), ['uno  lo que se dice del', '     primero, que es largo', '二   corto']);
});

test('without a width, or with too little of it, nothing is broken', (t) => {
  for (const width of [undefined, 20]) {
    t.deepEqual(pairLines(PAIRS, width), ['uno  lo que se dice del primero, que es largo', '二   corto']);
  }
});

test('no line of the help looks like a command that it is not', (t) => {
  for (const language of ['en', 'es'] as const) {
    const lines = helpLines(language, 80);
    const list = lines.slice(0, lines.indexOf(''));
    for (const line of list) {
      t.regex(line, /^ {2}\S| {20}/, line);
      t.true(textWidth(line) <= 80, line);
    }
  }
});
