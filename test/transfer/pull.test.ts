import test from 'ava';
import { HASH_BYTES } from '../../src/model/block-layout.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { BlockMap } from '../../src/transfer/block-map.ts';
import { Interruption } from '../../src/transfer/interruption.ts';
import { Pull } from '../../src/transfer/pull.ts';
import { BLOCK } from '../support/block-size.ts';
import { blocksOf, deviceNamed, fileEntry } from '../support/entries.ts';

const SIZE = 3 * BLOCK;
const all = blocksOf('x', SIZE);
const whole = fileEntry('x', { size: SIZE, blocks: all });
const hashedUpTo = (count: number, changes: Partial<FileEntry> = {}): FileEntry => ({
  ...whole,
  blocks: all.subarray(0, count * HASH_BYTES),
  hash: undefined,
  ...changes,
});

function pull(content: FileEntry): Pull {
  const want = { content, have: new BlockMap(3), devices: [], rank: 0, write: () => undefined };
  return new Pull({ ...want, interruption: new Interruption() }, deviceNamed('self'));
}

test('what its source has hashed since is taken over, and what is less changes nothing', (t) => {
  const subject = pull(hashedUpTo(1));
  t.is(subject.unasked, 1);
  t.true(subject.grow(hashedUpTo(2)));
  t.is(subject.unasked, 2);
  t.true(subject.grow(hashedUpTo(1)));
  t.is(subject.unasked, 2);
  t.is(subject.key, undefined);
  t.true(subject.grow(whole));
  t.is(subject.unasked, 3);
  t.not(subject.key, undefined);
  t.true(subject.grow(hashedUpTo(2)));
  t.is(subject.content, whole);
});

test('another content is not taken for more of the same', (t) => {
  const subject = pull(hashedUpTo(2));
  const later = [{ device: deviceNamed('writer'), value: 2 }];
  const other = Buffer.from(all);
  other[HASH_BYTES]! ^= 1;
  for (const [what, content] of [
    ['a later version', { ...whole, version: later }],
    ['another size', { ...whole, size: SIZE - 1 }],
    ['other blocks', { ...whole, blocks: other }],
    ['fewer and other blocks', hashedUpTo(1, { blocks: blocksOf('y', 1) })],
  ] as const) {
    t.false(subject.grow(content), what);
    t.is(subject.unasked, 2, what);
    t.is(subject.key, undefined, what);
  }
});
