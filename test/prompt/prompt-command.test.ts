import test from 'ava';
import fc from 'fast-check';
import { parseCommand, type PromptCommand } from '../../src/prompt/prompt-command.ts';
import { quoteWord, splitWords } from '../../src/prompt/split-words.ts';

const understood: readonly [line: string, command: PromptCommand][] = [
  ['', { type: 'nothing' }],
  ['   ', { type: 'nothing' }],
  ['peers', { type: 'peers' }],
  ['PARES', { type: 'peers' }],
  ['ls', { type: 'list', glob: undefined }],
  ['listar *.pdf', { type: 'list', glob: '*.pdf' }],
  ['find my report', { type: 'find', query: 'my report' }],
  ['buscar "*.pdf"', { type: 'find', query: '*.pdf' }],
  ['get 2', { type: 'get', items: [{ number: 2 }], from: undefined }],
  ['get 1-3 5,7', { type: 'get', items: [1, 2, 3, 5, 7].map((number) => ({ number })), from: undefined }],
  ['bajar 2 de ana', { type: 'get', items: [{ number: 2 }], from: 'ana' }],
  ['get *.pdf from "ana maria"', { type: 'get', items: [{ name: '*.pdf' }], from: 'ana maria' }],
  ['descargar 2', { type: 'get', items: [{ number: 2 }], from: undefined }],
  ['get "2"', { type: 'get', items: [{ name: '2' }], from: undefined }],
  ['get from', { type: 'get', items: [{ name: 'from' }], from: undefined }],
  [
    'get a "from" b',
    {
      type: 'get',
      items: [{ name: 'a' }, { name: 'from' }, { name: 'b' }],
      from: undefined,
    },
  ],
  [
    'get a  2 from b',
    {
      type: 'get',
      items: [{ name: 'a' }, { number: 2 }],
      from: 'b',
      readings: [
        { name: 'a  2', from: 'b' },
        { name: 'a  2 from b', from: undefined },
      ],
    },
  ],
  ["get it's.txt", { type: 'get', items: [{ name: "it's.txt" }], from: undefined }],
  ['get "a \\"b\\" c.txt"', { type: 'get', items: [{ name: 'a "b" c.txt' }], from: undefined }],
  ['get "mis tareas\\una.pdf"', { type: 'get', items: [{ name: 'mis tareas\\una.pdf' }], from: undefined }],
  [
    'get a from',
    {
      type: 'get',
      items: [{ name: 'a' }, { name: 'from' }],
      from: undefined,
      readings: [{ name: 'a from', from: undefined }],
      lacksDevice: 'from',
    },
  ],
  ['get a "from"', { type: 'get', items: [{ name: 'a' }, { name: 'from' }], from: undefined }],
  ['get a "--from"', { type: 'get', items: [{ name: 'a' }, { name: '--from' }], from: undefined }],
  ['get a --from ana', { type: 'mistake', sentence: 'usage.from-as-word', name: 'ana' }],
  ['bajar --from "ana b" a', { type: 'mistake', sentence: 'usage.from-as-word', name: '"ana b"' }],
  ['get --desde=ana a', { type: 'mistake', sentence: 'usage.from-as-word', name: 'ana' }],
  ['get a --from', { type: 'mistake', sentence: 'usage.missing-device', name: '--from', about: 'get' }],
  ['get', { type: 'mistake', sentence: 'usage.missing-more', name: 'get', about: 'get' }],
  ['Buscar', { type: 'find', query: '' }],
  ['resolver', { type: 'mistake', sentence: 'usage.missing-more', name: 'resolver', about: 'resolve' }],
  ['restore', { type: 'mistake', sentence: 'usage.missing-more', name: 'restore', about: 'restore' }],
  ['get 1-99999999', { type: 'mistake', sentence: 'usage.too-many-numbers', name: '1-99999999' }],
  ['cancel', { type: 'cancel', items: [] }],
  ['pausar 1', { type: 'pause', items: [{ number: 1 }] }],
  ['resolve 1 theirs', { type: 'resolve', item: { number: 1 }, keep: 'theirs' }],
  ['resolver "a b" nuestro', { type: 'resolve', item: { name: 'a b' }, keep: 'ours' }],
  [
    'resolver acta 1 (conflict X).txt nuestro',
    { type: 'resolve', item: { name: 'acta 1 (conflict X).txt' }, keep: 'ours' },
  ],
  ['resolve "a" b ours', { type: 'mistake', sentence: 'usage.bad-keep', name: 'ours' }],
  ['resolve 1', { type: 'mistake', sentence: 'usage.bad-keep', name: '1' }],
  ['restaurar 1', { type: 'restore', items: [{ number: 1 }] }],
  [
    'restaurar acta  3.txt',
    { type: 'restore', items: [{ name: 'acta' }, { name: '3.txt' }], whole: 'acta  3.txt' },
  ],
  ['pausar 1 2', { type: 'pause', items: [{ number: 1 }, { number: 2 }], whole: '1 2' }],
  ['salir', { type: 'quit' }],
  ['frobnicate 1', { type: 'mistake', sentence: 'usage.unknown-command', name: 'frobnicate' }],
  ['toString', { type: 'mistake', sentence: 'usage.unknown-command', name: 'toString' }],
];

for (const [line, command] of understood) {
  test(`a line: ${JSON.stringify(line)}`, (t) => {
    t.deepEqual(parseCommand(line), command);
  });
}

test('any text in quotes is read back as one word', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.boolean(), (text, always) => {
      const words = splitWords(`get ${quoteWord(text, always)} x`);
      return words.length === 3 && words[1]!.text === text;
    }),
    { numRuns: 10_000 },
  );
  t.pass();
});

test('any line gives a command of bounded size', (t) => {
  const piece = fc.oneof(
    fc.constantFrom(
      'get',
      'bajar',
      'resolve',
      'from',
      'de',
      '"',
      "'",
      '\\',
      ' ',
      '1-3',
      '9-1',
      '1,2',
      '-',
      ',',
      '\t',
    ),
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.nat().map((number) => `${number}-${number + 5000}`),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const command = parseCommand(pieces.join(' '));
      return !('items' in command) || command.items.length <= 10_000;
    }),
    { numRuns: 10_000 },
  );
  t.pass();
});
