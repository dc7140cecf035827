import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { KNOWN_KEYS } from '../../src/config/known-keys.ts';
import { parseSettings } from '../../src/config/parse-settings.ts';

const CONTEXT = { file: '/srv/config.yaml', hostname: 'my-computer', language: 'en' as const };
const shipped = await readFile(join(import.meta.dirname, '..', '..', '..', 'config.yaml'), 'utf8');

/** Prose has a space behind its `#`; settings have none, or the indentation of their group. */
const uncommented = shipped.replace(/^#(?! \S)/gm, '');

test('the config that ships says nothing', (t) => {
  t.true(shipped.split('\n').every((line) => line === '' || line.startsWith('#')));
  t.deepEqual(parseSettings(shipped, CONTEXT), parseSettings('', CONTEXT));
});

test('with every line taken out of its comment it is valid, and mentions every key', (t) => {
  const result = parseSettings(uncommented, CONTEXT);
  t.true('settings' in result, JSON.stringify(result));
  const mentioned = new Set([...uncommented.matchAll(/^ *(?:- )?([a-z_]+):/gm)].map(([, key]) => key));
  t.true(KNOWN_KEYS.length > 25);
  for (const key of KNOWN_KEYS) t.true(mentioned.has(key.split('.').at(-1)), key);
});

test('the defaults that it names are the defaults', (t) => {
  const withoutExamples = uncommented
    .replace(/^rules:\n( .*\n)*/m, '')
    .replace(/^ {2}(down|up|per_peer): .*\n/gm, '')
    .replace(/^ {2}schedule:\n {4}.*\n/m, '');
  t.true(withoutExamples.length < uncommented.length);
  t.deepEqual(parseSettings(withoutExamples, CONTEXT), parseSettings('', CONTEXT));
});
