import test from 'ava';
import { parseSettings } from '../../src/config/parse-settings.ts';

const CONTEXT = { file: '/home/ana/config.yaml', hostname: 'pc-ana', language: 'es' } as const;
const list = (count: number, item: string) => `[${Array.from({ length: count }, () => item).join(', ')}]`;

/** What a key may be at the least and at the most, and what is just beyond. */
const bounds: readonly (readonly [key: string, within: readonly string[], beyond: readonly string[]])[] = [
  ['name', ['a', 'n'.repeat(63)], ['" "', 'n'.repeat(64), '"a\\u200eb"', '"a\\u2028b"']],
  ['folder', ['a', '" a"'], ['""', '" "', '"a\\0b"']],
  ['port', ['0', '65535'], ['-1', '65536']],
  ['discovery.query_interval', ['1 s', '1 d'], ['999 ms', '86401 s']],
  ['discovery.peers', ['[]', list(1000, 'a')], [list(1001, 'a')]],
  ['rules', [list(1000, '{match: a, priority: -1000}')], [list(1001, '{match: a}')]],
  [
    'rules',
    ['[{match: a, priority: 1000}]'],
    ['[{match: a, priority: 1001}]', '[{match: a, priority: -1001}]'],
  ],
  ['limits.downloads', ['1', '1000'], ['0', '1001']],
  ['limits.downloads_per_peer', ['1', '1000'], ['0', '1001']],
  ['limits.down', ['1000'], ['999']],
  ['trash.days', ['1', '36500'], ['0', '36501']],
  ['log.max_size', ['64 KiB'], ['65535']],
  ['log.files', ['1', '100'], ['0', '101']],
];

for (const [key, within, beyond] of bounds) {
  const wrongKeyOf = (value: string) => {
    const text = key.split('.').reduceRight((inner, part) => `{${part}: ${inner}}`, value);
    const result = parseSettings(text, CONTEXT);
    return 'problems' in result ? result.problems[0]!.key : undefined;
  };
  test(`${key} has bounds, and keeps to them: ${beyond[0]!.slice(0, 40)}`, (t) => {
    for (const value of within) t.is(wrongKeyOf(value), undefined, value);
    for (const value of beyond) t.true(wrongKeyOf(value)?.startsWith(key), value);
  });
}
