import test from 'ava';
import { configInvalid, type ConfigProblem } from '../../src/config/config-problem.ts';
import { YamlSource } from '../../src/config/yaml-source.ts';
import { explainError } from '../../src/language/explain-error.ts';
import { isSentence } from '../../src/language/translate.ts';

const wrong: readonly [text: string, problem: Partial<ConfigProblem>][] = [
  ['%YAML 1.1\n---\nclassic: no', { problem: 'not-yaml' }],
  ['a: [', { problem: 'not-yaml' }],
  ['a: 1\n---\nb: 1', { line: 2, problem: 'not-yaml', detail: 'two-documents' }],
  ['rules:\n  - match: *.pdf', { line: 2, column: 12, problem: 'needs-quotes', got: '*' }],
  ['rules:\n  - match: *.{jpg,png}', { line: 2, column: 12, problem: 'needs-quotes', got: '*' }],
  ['rules:\n  - match: ["a", *]', { line: 2, column: 18, problem: 'needs-quotes', got: '*' }],
  ['port: 1\nname: *zz', { line: 2, column: 7, problem: 'needs-quotes', got: '*' }],
  ['rules:\n  - match: !draft-*', { line: 2, column: 12, problem: 'needs-quotes', got: '!' }],
  ['name: @home', { line: 1, column: 7, problem: 'needs-quotes', got: '@' }],
  ['name: !!binary aGk=', { problem: 'needs-quotes', got: '!' }],
  ['name: !secret x', { problem: 'needs-quotes', got: '!' }],
  ['log:\n\tlevel: info', { line: 2, column: 1, problem: 'not-yaml', detail: 'tab-as-indent' }],
  ['folder: "C:\\Users"', { problem: 'not-yaml', detail: 'backslash' }],
  ['name: a: b', { problem: 'not-yaml', detail: 'key-after-value' }],
  ['port:6000\nname: a', { problem: 'not-yaml', detail: 'no-value' }],
  ['name: "a', { problem: 'not-yaml', detail: 'missing-character' }],
  ['log: &a &b x', { problem: 'not-yaml', detail: 'other' }],
  ['? [a]\n: 1', { problem: 'not-yaml', detail: 'no-text' }],
];

for (const [text, expected] of wrong) {
  test(`not YAML: ${JSON.stringify(text)}`, (t) => {
    const [problem] = new YamlSource(text).problems;
    t.like(problem, expected);
    t.true(isSentence(`problem.${problem!.problem}`));
    t.true(problem!.detail === undefined || isSentence(`detail.${problem!.detail}`), problem!.detail);
  });
}

test('a pattern without quotes is found where it stands', (t) => {
  const [problem] = new YamlSource('rules:\n  - match: *.pdf').problems;
  const explained = explainError('es', configInvalid('f', problem!));
  t.is(
    explained,
    'f, línea 2, columna 12: Un texto que empieza con * debe ir entre comillas, como "*.pdf". Corríjalo e intente de nuevo.',
  );
});

test('of several mistakes in a line the first is told, and an alias of what is there is none', (t) => {
  t.is(new YamlSource('rules:\n  - match: *.{jpg,png}\n  - match: *.pdf').problems.length, 2);
  t.deepEqual(new YamlSource('a: &x 1\nb: *x').value, { a: 1, b: 1 });
});
