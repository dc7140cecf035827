import test from 'ava';
import { configInvalid, type ConfigProblem } from '../../src/config/config-problem.ts';
import { parseSettings } from '../../src/config/parse-settings.ts';
import { explainError } from '../../src/language/explain-error.ts';

function problemsOf(text: string): readonly ConfigProblem[] {
  const result = parseSettings(text, { file: '/home/ana/config.yaml', hostname: 'pc-ana', language: 'es' });
  if ('settings' in result) throw new Error('no problem was found');
  return result.problems;
}

const wrong: readonly [text: string, problem: Partial<ConfigProblem>][] = [
  ['prot: 6000', { line: 1, column: 1, problem: 'unknown-key-near', key: 'prot', nearest: 'port' }],
  ['rule: []', { line: 1, column: 1, problem: 'unknown-key-near', key: 'rule', nearest: 'rules' }],
  ['Limits: {}', { line: 1, column: 1, problem: 'unknown-key-near', key: 'Limits', nearest: 'limits' }],
  ['files: 3', { line: 1, column: 1, problem: 'unknown-key-near', key: 'files', nearest: 'log.files' }],
  ['\n\npeers: []', { line: 3, column: 1, problem: 'unknown-key-near', nearest: 'discovery.peers' }],
  ['discovery:\n  mnds: true', { line: 2, column: 3, key: 'discovery.mnds', nearest: 'mdns' }],
  [
    'rules:\n  - match: "*"\n    max-size: 1',
    { line: 3, column: 5, key: 'rules[0].max-size', nearest: 'max_size' },
  ],
  ['foo: 1', { problem: 'unknown-key', key: 'foo' }],
  ['log:\n  foo: 1', { problem: 'unknown-key', key: 'log.foo' }],
  ['xyzzy: 1', { problem: 'unknown-key', key: 'xyzzy' }],
  ['__proto__: 1', { line: 1, column: 1, problem: 'unknown-key', key: '__proto__' }],
  ['constructor: 1', { problem: 'unknown-key', key: 'constructor' }],
  ['name: 3', { line: 1, column: 7, problem: 'wrong-value', key: 'name', expected: 'name', got: '3' }],
  ['name: "a\\u001b[2J"', { key: 'name', expected: 'name' }],
  ['port: 70000', { column: 7, key: 'port', expected: 'whole', choices: '0–65535', got: '70000' }],
  ['port: 6000.5', { key: 'port' }],
  ['port: "6000"', { key: 'port', got: '"6000"' }],
  ['language: fr', { key: 'language', expected: 'one-of', choices: 'es, en', got: '"fr"' }],
  ['classic: no', { key: 'classic', expected: 'boolean', got: '"no"' }],
  ['limits:\n  down: fast', { line: 2, column: 9, key: 'limits.down', expected: 'rate' }],
  ['limits:\n  down: 0', { key: 'limits.down', expected: 'rate' }],
  ['limits: 3', { key: 'limits', expected: 'map', got: '3' }],
  ['limits:\n  schedule:\n    Mo 8-9: 1 MB/s', { line: 3, column: 5, expected: 'window' }],
  ['limits:\n  schedule:\n    Mo 08:00-09:00: x', { line: 3, column: 21, expected: 'rate' }],
  ['discovery: {peers: ["a b:1"]}', { column: 21, key: 'discovery.peers[0]', expected: 'address' }],
  ['discovery: {peers: "a:1"}', { key: 'discovery.peers', expected: 'list' }],
  ['discovery: {query_interval: 1 ms}', { key: 'discovery.query_interval', expected: 'interval' }],
  ['rules: [{from: a}]', { problem: 'no-value', key: 'rules[0].match', expected: 'patterns' }],
  ['rules: [{match: "!a"}]', { key: 'rules[0].match', expected: 'patterns' }],
  ['rules: [{match: []}]', { key: 'rules[0].match', expected: 'patterns' }],
  ['rules: [null]', { problem: 'no-value', key: 'rules[0]', expected: 'map' }],
  ['- a', { line: 1, column: 1, problem: 'wrong-document', expected: 'map' }],
  ['just text', { problem: 'wrong-document', expected: 'map', got: '"just text"' }],
  ['port: 1\nport: 2', { line: 2, column: 1, problem: 'duplicate-key' }],
  ['min_free: -1', { expected: 'size' }],
  ['trash: {days: 0}', { expected: 'whole' }],
];

for (const into of [
  '/etc',
  '../x',
  'a/../b',
  '.compartidos/x',
  'a\\b',
  '{who}/x',
  '',
  'a//b',
  '{peer',
  'a/{peer}-{peer}',
]) {
  test(`no rule puts files into ${into}`, (t) => {
    const [problem] = problemsOf(`rules: [{match: "*", into: ${JSON.stringify(into)}}]`);
    t.like(problem, { key: 'rules[0].into', expected: 'into' });
  });
}

test('each pattern that nothing can match is told of, where it stands', (t) => {
  const found = problemsOf(
    'rules:\n  - match: /abs\n  - match: ["*.pdf", "../x",\n      "!a//b", "[a", "{a,b"]\n',
  );
  t.deepEqual(
    found.map(({ line, column, key, got }) => [line, column, key, got]),
    [
      [2, 12, 'rules[0].match', '"/abs"'],
      [3, 22, 'rules[1].match[1]', '"../x"'],
      [4, 7, 'rules[1].match[2]', '"!a//b"'],
    ],
  );
  t.regex(
    explainError('en', configInvalid('c', found[0]!)),
    /"rules\[0\]\.match" must be a pattern that something inside the shared folder can match, .* but is "\/abs"/,
  );
});

for (const [text, expected] of wrong) {
  test(`wrong: ${JSON.stringify(text)}`, (t) => {
    t.like(problemsOf(text)[0], expected);
  });
}

test('all problems are found, in the order of the file', (t) => {
  const found = problemsOf(
    'port: x\nnmae: a\nlimits:\n  schedule:\n    Mo 8: 5 MB/s\n    Mo 08:00-18:00: 1\n  down: x\nlog: 3\n',
  );
  t.deepEqual(
    found.map(({ key, line }) => [key, line]),
    [
      ['port', 1],
      ['nmae', 2],
      ['limits.schedule', 5],
      ['limits.schedule.Mo 08:00-18:00', 6],
      ['limits.down', 7],
      ['log', 8],
    ],
  );
  for (const schedule of ['3', '[a]', '', '"b"']) {
    t.true(problemsOf(`nmae: a\nlimits:\n  schedule: ${schedule}\n`).length > 0);
  }
});

test('structures that would exhaust the parser are refused at once', (t) => {
  const size = 1 << 19;
  for (const piece of ['[', '{a: ', '- ', '? ', '{a: [', '[{', '&a [*a,']) {
    t.true(problemsOf(piece.repeat(size / piece.length)).length > 0, piece);
  }
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghij'.split('').map(bombLine)].join('\n');
  t.true(problemsOf(bomb).length > 0);
});

function bombLine(name: string): string {
  const before = String.fromCharCode(name.charCodeAt(0) - 1);
  return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`;
}

test('a key that must be there and is not is said to be missing', (t) => {
  const [problem] = problemsOf('rules: [{from: a}]');
  t.regex(
    explainError('en', configInvalid('c', problem!)),
    /"rules\[0\]\.match" is missing: it must be a pattern/,
  );
  t.regex(explainError('es', configInvalid('c', problem!)), /Falta «rules\[0\]\.match»: debe ser un patrón/);
});
