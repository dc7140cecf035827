import { execa } from 'execa';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { IgnoreRules } from '../../src/index/ignore-rules.ts';
import { parseRelativePath, pathProblem, type RelativePath } from '../../src/model/relative-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function rulesOf(patterns: Record<string, string>): IgnoreRules {
  const rules = new IgnoreRules();
  for (const [folder, text] of Object.entries(patterns)) {
    rules.set(folder === '' ? undefined : parseRelativePath(folder), text);
  }
  return rules;
}

const cases: [patterns: Record<string, string>, ignored: string[], shared: string[]][] = [
  [
    {},
    ['.DS_Store', 'a/Thumbs.db', '~$report.docx', 'x.part', '.a.txt.swp', '.~lock.a.odt#'],
    ['a.txt', 'part', 'swap.txt', 'notes~', '.hidden', 'a/.git/config'],
  ],
  [{ '': '!*.part' }, ['a.crdownload'], ['a.part', 'b/c.part']],
  [{ '': '*.log\n!keep.log' }, ['a.log', 'b/a.log'], ['keep.log', 'b/keep.log']],
  [{ '': '/build/' }, ['build/a', 'build/b/c'], ['src/build/a', 'builds']],
  [{ '': 'logs/', sub: '!logs/' }, ['logs/a', 'other/logs/a'], ['sub/logs/a', 'sub/logs/b/c']],
  [{ '': 'out', out: '!keep' }, ['out/keep'], []],
  [{ '': '/a/**', a: '!b' }, ['a/b/c', 'a/x'], []],
  [{ '': '[ab]/', a: '!b/' }, ['a/b/c'], []],
  [{ '': 'logs/', 'sub#!': '!logs/' }, [], ['sub#!/logs/a']],
  [{ sub: '/*.txt' }, ['sub/a.txt'], ['a.txt', 'sub/sub/a.txt']],
  [{ '': '# comment\n\\#file\n\\!file\nspace\\ ' }, ['#file', '!file', 'space '], ['comment', 'space']],
  [{ '': 'ma\u00f1ana' }, ['ma\u00f1ana'], ['manana']],
  [{ '': '*.TXT' }, ['a.TXT'], ['a.txt']],
];

for (const [patterns, ignored, shared] of cases) {
  test(`patterns ${JSON.stringify(patterns)}: ${[...ignored, ...shared].join(', ')}`, (t) => {
    const rules = rulesOf(patterns);
    for (const path of ignored) t.true(rules.ignores(parseRelativePath(path), false), path);
    for (const path of shared) t.false(rules.ignores(parseRelativePath(path), false), path);
  });
}

test('says whether patterns differ from those before', (t) => {
  const rules = new IgnoreRules();
  const folder = parseRelativePath('a');
  t.false(rules.set(folder, undefined));
  t.true(rules.set(folder, 'x'));
  t.false(rules.set(folder, 'x'));
  t.true(rules.ignores(parseRelativePath('a/x'), false));
  t.true(rules.set(folder, undefined));
  t.false(rules.ignores(parseRelativePath('a/x'), false));
});

test('no text is too strange to be patterns', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(...'*?[]!-\\/ab.#{}()^$|+\n\r \t'), maxLength: 40 }),
  );
  const path = fc.string({ unit: fc.constantFrom(...'ab/.*[\\ \u00f1-'), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, text, path, (root, sub, name) => {
      fc.pre(pathProblem(name) === undefined);
      const rules = rulesOf({ '': root, a: sub });
      t.is(typeof rules.ignores(name as RelativePath, false), 'boolean');
    }),
    { numRuns: 10_000 },
  );
});

test('agrees with git', async (t) => {
  const folder = await temporaryFolder(t);
  await execa('git', ['init', '--quiet', folder]);
  const names = ['a', 'b', 'c'];
  const paths = names.flatMap((x) => [
    `${x}.x`,
    ...names.flatMap((y) => [`${x}/${y}.x`, ...names.map((z) => `${x}/${y}/${z}.x`)]),
  ]);
  for (const path of paths) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
  const part = fc.constantFrom('a', 'b', 'c', 'a.x', 'b.x', '*', '**', '*.x', '?', '[ab]', 'a*');
  const pattern = fc
    .record({
      negated: fc.boolean(),
      rooted: fc.boolean(),
      parts: fc.array(part, { minLength: 1, maxLength: 3 }),
      folder: fc.boolean(),
    })
    .map(
      ({ negated, rooted, parts, folder: only }) =>
        `${negated ? '!' : ''}${rooted ? '/' : ''}${parts.join('/')}${only ? '/' : ''}`,
    );
  const text = fc.array(pattern, { maxLength: 4 }).map((lines) => lines.join('\n'));
  await fc.assert(
    fc.asyncProperty(text, text, async (root, sub) => {
      await writeFile(join(folder, '.gitignore'), root);
      await writeFile(join(folder, 'a', '.gitignore'), sub);
      const git = await execa('git', ['-C', folder, 'check-ignore', '--stdin', '--no-index', '-z'], {
        input: paths.join('\0'),
        reject: false,
      });
      const rules = rulesOf({ '': root, a: sub });
      t.deepEqual(
        paths.filter((path) => rules.ignores(path as RelativePath, false)),
        git.stdout.split('\0').filter((path) => path !== ''),
      );
    }),
    { numRuns: 200 },
  );
});
