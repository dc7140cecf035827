import test from 'ava';
import { completeLine, type CompletionSources } from '../../src/prompt/complete-line.ts';

const sources: CompletionSources = {
  files: async (_, where) =>
    where === 'local'
      ? ['local.txt']
      : [
          'docs/report.pdf',
          'docs/with space.txt',
          'docs/read "me".txt',
          'evil\u001b[2J',
          '2',
          'unique.bin',
          'Zeta one',
          'zeta two',
          'PHOTOS2',
          'Photos1',
        ],
  peers: async () => ['ana', 'ana maria', 'beto'],
  downloads: async () => ['docs/report.pdf'],
  conflicts: async () => ['notes.txt'],
  trash: async () => ['old plan.txt'],
};

const lines: readonly [line: string, hits: readonly string[], typed: string, completed: string][] = [
  ['pe', ['peers'], 'pe', 'peers '],
  ['bus', ['buscar'], 'bus', 'buscar '],
  ['re', ['resume', 'resolve', 'restore'], 're', 'res'],
  ['res', ['resume', 'resolve', 'restore'], 'res', 'res'],
  ['get uni', ['unique.bin'], 'uni', 'unique.bin '],
  ['get docs/wi', ['"docs/with space.txt"'], 'docs/wi', '"docs/with space.txt" '],
  ['get "docs/wi', ['"docs/with space.txt"'], '"docs/wi', '"docs/with space.txt" '],
  ['get docs/re', ['"docs/read \\"me\\".txt"', '"docs/report.pdf"'], 'docs/re', '"docs/re'],
  ['get "docs/re', ['"docs/read \\"me\\".txt"', '"docs/report.pdf"'], '"docs/re', '"docs/re'],
  ['get zeta', ['"Zeta one"', '"zeta two"'], 'zeta', 'zeta'],
  ['get z', ['"Zeta one"', '"zeta two"'], 'z', 'z'],
  ['find photo', ['PHOTOS2', 'Photos1'], 'photo', 'photo'],
  ['get UNI', ['unique.bin'], 'UNI', 'unique.bin '],
  ['get 2', ['"2"'], '2', '"2" '],
  ['get evil', [], 'evil', 'evil'],
  ['get x from b', ['beto'], 'b', 'beto '],
  ['bajar x de ana', ['"ana"', '"ana maria"'], 'ana', '"ana'],
  ['ls lo', ['local.txt'], 'lo', 'local.txt '],
  ['cancel d', ['docs/report.pdf'], 'd', 'docs/report.pdf '],
  ['resolve n', ['notes.txt'], 'n', 'notes.txt '],
  ['restore o', ['"old plan.txt"'], 'o', '"old plan.txt" '],
  ['resolve notes.txt t', ['theirs'], 't', 'theirs '],
  ['frob x', [], 'x', 'x'],
  ['peers x', [], 'x', 'x'],
];

for (const [line, hits, typed, completed] of lines) {
  test(`completes ${JSON.stringify(line)}`, async (t) => {
    t.deepEqual(await completeLine(line, 'en', sources), { hits, typed, completed });
  });
}

test('what to keep is completed in the language', async (t) => {
  t.is((await completeLine('resolver notes.txt s', 'es', sources)).completed, 'suyo ');
});

test('with nothing typed all commands of the language are offered', async (t) => {
  const english = await completeLine('', 'en', sources);
  const spanish = await completeLine('', 'es', sources);
  t.true(english.hits.includes('peers') && !english.hits.includes('pares'));
  t.true(spanish.hits.includes('pares') && !spanish.hits.includes('peers'));
});

test('what is completed is common to all names, however many there are', async (t) => {
  const names = Array.from({ length: 5000 }, (_, at) => `many/f${String(2 * at + 1).padStart(4, '0')}`);
  const line = 'get many/';
  const { hits, completed } = await completeLine(line, 'en', { ...sources, files: async () => names });
  t.is(completed, 'many/f');
  t.is(hits.length, 5000);
});
