import test from 'ava';
import { RecentEntries } from '../../src/index/recent-entries.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

const entry = (path: string, blockBytes: number, sequence = 1) => {
  return { ...fileEntry(path), blocks: new Uint8Array(blockBytes), sequence };
};
const at = parseRelativePath;

test('what was set lately is known, also that there is nothing, and what was not is not', (t) => {
  const recent = new RecentEntries();
  recent.set(0, at('a'), entry('a', 32));
  recent.set(0, at('b'), undefined);
  recent.set(1, at('a'), entry('a', 64 * KIB, 7));
  t.is(recent.get(0, at('a'))?.blocks.length, 32);
  t.is(recent.get(0, at('b')), null);
  t.is(recent.get(1, at('a'))?.sequence, 7);
  t.is(recent.get(1, at('b')), undefined);
  recent.clear();
  t.is(recent.get(0, at('a')), undefined);
  t.is(recent.get(1, at('a')), undefined);
});

test('the last of what was set counts, whether it is large or small', (t) => {
  const recent = new RecentEntries();
  for (const [sequence, bytes] of [32, 64 * KIB, 96 * KIB, 32, 64 * KIB].entries()) {
    recent.set(0, at('file'), entry('file', bytes, sequence));
    t.like(recent.get(0, at('file')), { sequence });
  }
  recent.set(0, at('file'), undefined);
  t.is(recent.get(0, at('file')), null);
});

test('of large entries only so much is kept: what was used last', (t) => {
  const recent = new RecentEntries();
  for (const path of ['a', 'b', 'c', 'd']) recent.set(0, at(path), entry(path, MIB - KIB));
  t.truthy(recent.get(0, at('a')));
  recent.set(0, at('e'), entry('e', MIB - KIB));
  t.is(recent.get(0, at('b')), undefined);
  for (const path of ['a', 'c', 'd', 'e']) t.truthy(recent.get(0, at(path)), path);
  recent.set(0, at('f'), entry('f', 2 * MIB));
  t.is(recent.get(0, at('a')), undefined);
  t.is(recent.get(0, at('c')), undefined);
  t.truthy(recent.get(0, at('f')));
});

for (const [what, large] of [
  [
    'versions',
    { version: Array.from({ length: 1024 }, (_, index) => ({ device: deviceNamed(`${index}`), value: 1 })) },
  ],
  ['targets', { target: 'x'.repeat(4096) }],
] as const) {
  test(`of entries with long ${what} only so much is kept`, (t) => {
    const recent = new RecentEntries();
    const paths = Array.from({ length: 2000 }, (_, index) => at(`${index}`));
    for (const path of paths) recent.set(0, path, { ...entry(path, 0), ...large });
    t.truthy(recent.get(0, paths.at(-1)!));
    t.is(recent.get(0, paths[0]!), undefined);
  });
}

test('that there is nothing is known as long as anything else is', (t) => {
  const recent = new RecentEntries();
  recent.set(0, at('nothing'), undefined);
  for (let index = 0; index < 20_000; index += 1) recent.set(0, at(`${index}`), entry(`${index}`, 32));
  t.is(recent.get(0, at('nothing')), null);
});

test('thousands of small entries do not stay for ever', (t) => {
  const recent = new RecentEntries();
  recent.set(0, at('first'), entry('first', 32));
  for (let index = 0; index < 40_000; index += 1) recent.set(0, at(`${index}`), entry(`${index}`, 32));
  t.is(recent.get(0, at('first')), undefined);
  t.truthy(recent.get(0, at('39999')));
});
