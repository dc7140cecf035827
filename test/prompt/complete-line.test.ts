import test from 'ava';
import { completeLine, type CompletionSources } from '../../src/prompt/complete-line.ts';

const sources: CompletionSources = {
  files: async (_, where) =>
    where === 'local'
      ? ['local.txt']
      : ['docs/report.pdf', 'docs/with space.txt', 'docs/read "me".txt', 'evil\u001b[2J', '2', 'unique.bin'],
  peers: async () => ['ana', 'ana maria', 'beto'],
  downloads: async () => ['docs/report.pdf'],
  conflicts: async () => ['notes.txt'],
};

const lines: readonly [line: string, hits: readonly string[], typed: string][] = [
  ['pe', ['peers '], 'pe'],
  ['bus', ['buscar '], 'bus'],
  ['re', ['resume', 'resolve', 'restore'], 're'],
  ['get uni', ['unique.bin '], 'uni'],
  ['get docs/wi', ['"docs/with space.txt" '], 'docs/wi'],
  ['get "docs/wi', ['"docs/with space.txt" '], '"docs/wi'],
  ['get docs/re', ['"docs/read \\"me\\".txt"', '"docs/report.pdf"'], 'docs/re'],
  ['get 2', ['"2" '], '2'],
  ['get evil', [], 'evil'],
  ['get x from b', ['beto '], 'b'],
  ['bajar x de ana', ['"ana"', '"ana maria"'], 'ana'],
  ['ls lo', ['local.txt '], 'lo'],
  ['cancel d', ['docs/report.pdf '], 'd'],
  ['resolve n', ['notes.txt '], 'n'],
  ['resolve notes.txt t', ['theirs '], 't'],
  ['frob x', [], 'x'],
  ['peers x', [], 'x'],
];

for (const [line, hits, typed] of lines) {
  test(`completes ${JSON.stringify(line)}`, async (t) => {
    t.deepEqual(await completeLine(line, 'en', sources), { hits, typed });
  });
}

test('with nothing typed all commands of the language are offered', async (t) => {
  const english = await completeLine('', 'en', sources);
  const spanish = await completeLine('', 'es', sources);
  t.true(english.hits.includes('peers') && !english.hits.includes('pares'));
  t.true(spanish.hits.includes('pares') && !spanish.hits.includes('peers'));
});
