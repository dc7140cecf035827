import test from 'ava';
import type { EntryStore } from '../../src/index/entry-store.ts';
import { HASH_BYTES } from '../../src/model/block-layout.ts';
import { blockHash, type FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { BLOCK } from '../support/block-size.ts';
import { fileEntry, tombstone } from '../support/entries.ts';
import { storeOf, testDatabase } from '../support/test-database.ts';

/** Bytes of a file of eight blocks. */
const LARGE = 7 * BLOCK + 5;

const DISK = {
  mtimeUs: 5_000_001,
  ctimeUs: 7,
  inode: '18446744073709551615',
  volume: '42',
  nativeName: undefined,
};

function emptyStore(): EntryStore {
  return storeOf(testDatabase());
}

function put(store: EntryStore, ...entries: FileEntry[]): FileEntry[] {
  return store.put(entries.map((entry) => ({ entry, disk: entry.deleted ? undefined : DISK })));
}

test('entries come back as they were put, with the next sequences', (t) => {
  const store = emptyStore();
  const entries = [
    fileEntry('año/ñandú 📁.txt', { executable: true, mtimeUs: -1 }),
    fileEntry('empty', { size: 0 }),
    fileEntry('folder', { type: 'directory', size: 0, hash: undefined }),
    fileEntry('link', { type: 'symlink', size: 0, target: '../elsewhere', hash: undefined, version: [] }),
    tombstone('gone'),
    fileEntry('large', { size: 2 ** 33 }),
  ];
  const stored = put(store, ...entries);
  t.deepEqual(
    stored.map((entry) => entry.sequence),
    [1, 2, 3, 4, 5, 6],
  );
  t.deepEqual(store.after(0, 100), stored);
  t.deepEqual(store.after(2, 2), stored.slice(2, 4));
  for (const entry of stored) t.deepEqual(store.get(entry.path), entry);
  t.is(store.sequence, 6);
  t.like(store.totals(), { entries: 6, files: 3, bytes: 1000 + 2 ** 33 });
});

test('a path that is put again moves to the end of the sequence, and the totals follow', (t) => {
  const store = emptyStore();
  put(store, fileEntry('a'), fileEntry('b'));
  put(store, fileEntry('a', { size: 5, content: 'other' }));
  t.deepEqual(
    store.after(0, 10).map((entry) => [entry.path, entry.sequence]),
    [
      ['b', 2],
      ['a', 3],
    ] as unknown as [never, number][],
  );
  t.like(store.totals(), { entries: 2, files: 2, bytes: 1005 });
  put(store, tombstone('b'));
  t.like(store.totals(), { entries: 2, files: 1, bytes: 5 });
});

test('a path that another process has put is put again in its place', (t) => {
  const database = testDatabase();
  const before = storeOf(database);
  put(before, fileEntry('a'), fileEntry('b'), tombstone('c'));
  const store = storeOf(database);
  put(store, fileEntry('a', { size: 5, content: 'other' }), fileEntry('c', { size: 7 }), fileEntry('d'));
  t.deepEqual(
    store.after(0, 10).map(({ path, sequence }) => `${path} ${sequence}`),
    ['b 2', 'a 4', 'c 5', 'd 6'],
  );
  t.like(store.totals(), { sequence: 6, entries: 4, files: 4, bytes: 1000 + 5 + 7 + 1000 });
});

test('that nothing is known of a path is remembered until it is put', (t) => {
  const store = emptyStore();
  const { path } = fileEntry('a');
  t.is(store.facts(path), undefined);
  t.is(store.facts(path), undefined);
  t.is(store.get(path), undefined);
  put(store, fileEntry('a'));
  t.like(store.facts(path), { size: 1000, disk: DISK });
  t.truthy(store.get(path));
});

test('a failed transaction leaves nothing behind', (t) => {
  const store = emptyStore();
  put(store, fileEntry('a'));
  const before = store.after(0, 10);
  t.throws(() => put(store, fileEntry('b'), { ...fileEntry('c'), path: null as never }));
  t.deepEqual(store.after(0, 10), before);
  t.like(store.totals(), { sequence: 1, entries: 1, files: 1, bytes: 1000 });
});

test('what was looked up is what is there: after it is put, after that was undone, and after many others', (t) => {
  const store = emptyStore();
  const a = fileEntry('a');
  t.is(store.get(a.path), undefined);
  t.deepEqual(store.withHash(a.hash!), []);
  t.throws(() => put(store, a, { ...fileEntry('c'), path: null as never }));
  t.is(store.get(a.path), undefined);
  t.deepEqual(store.withHash(a.hash!), []);
  const [stored] = put(store, a);
  t.deepEqual(store.get(a.path), stored);
  t.deepEqual(store.withHash(a.hash!), [stored]);
  t.throws(() => put(store, tombstone('a'), { ...fileEntry('c'), path: null as never }));
  t.deepEqual(store.get(a.path), stored);
  for (let one = 0; one < 20_000; one += 1) store.get(parseRelativePath(`absent ${one}`));
  t.deepEqual(store.get(a.path), stored);
  const [gone] = put(store, tombstone('a'));
  t.deepEqual(store.get(a.path), gone);
  t.deepEqual(store.withHash(a.hash!), []);
});

test('what is remembered of an entry does not hold on to the message that brought it', (t) => {
  const store = emptyStore();
  const message = new Uint8Array(1024 * 1024);
  const a = fileEntry('a', { size: 100 });
  message.set(a.hash!, 0);
  message.set(a.blocks, 32);
  put(store, { ...a, hash: message.subarray(0, 32), blocks: message.subarray(32, 64) });
  const { hash, blocks } = store.get(a.path)!;
  t.deepEqual([hash, blocks], [a.hash, a.blocks]);
  t.true(hash!.buffer.byteLength < 1024 && blocks.buffer.byteLength < 1024);
});

test('content is found by its hash, in live files only', (t) => {
  const store = emptyStore();
  const [one, two] = put(store, fileEntry('one', { content: 'x' }), fileEntry('two', { content: 'x' }));
  put(store, fileEntry('three'));
  t.deepEqual(store.withHash(one!.hash!), [one, two]);
  put(store, tombstone('one'));
  t.deepEqual(store.withHash(one!.hash!), [two]);
});

test('a block is found in files of one block and of many, wherever they are now', (t) => {
  const store = emptyStore();
  const small = fileEntry('small');
  const large = fileEntry('large', { size: LARGE });
  put(store, small, large);
  t.deepEqual(store.findBlock(small.blocks), { path: small.path, offset: 0, length: 1000 });
  t.deepEqual(store.findBlock(blockHash(large, 7)!), { path: large.path, offset: 7 * BLOCK, length: 5 });
  t.is(store.findBlock(new Uint8Array(HASH_BYTES)), undefined);
  t.is(store.findBlock(new Uint8Array()), undefined);

  const moved = { ...large, path: parseRelativePath('moved') };
  put(store, moved, tombstone('large'));
  t.is(store.findBlock(blockHash(large, 0)!)?.path, moved.path);
  put(store, fileEntry('moved', { size: LARGE, content: 'changed' }));
  t.is(store.findBlock(blockHash(large, 0)!), undefined);
});

test('a file that is being hashed offers the blocks that are known', (t) => {
  const store = emptyStore();
  const whole = fileEntry('large', { size: LARGE });
  for (let count = 0; count <= 8; count += 1) {
    put(store, { ...whole, blocks: whole.blocks.slice(0, count * HASH_BYTES), hash: undefined });
    if (count > 0) t.truthy(store.findBlock(blockHash(whole, count - 1)!));
    if (count < 8) t.is(store.findBlock(blockHash(whole, count)!), undefined);
  }
  t.is(store.get(whole.path)?.hash, undefined);
  put(store, whole);
  t.deepEqual(store.get(whole.path)?.hash, whole.hash);
});

test('the facts of the disk are kept and can change without a new sequence', (t) => {
  const store = emptyStore();
  const [entry] = put(store, fileEntry('a/b'));
  put(store, fileEntry('a0'), fileEntry('a'), tombstone('z'), fileEntry('a/c/d'));
  t.deepEqual(
    [...store.allFacts()].map((facts) => facts.path as string),
    ['a', 'a/b', 'a/c/d', 'a0', 'z'],
  );
  t.deepEqual(
    [...store.allFacts(parseRelativePath('a'))].map((facts) => facts.path as string),
    ['a/b', 'a/c/d'],
  );
  t.deepEqual(store.facts(entry!.path), {
    path: entry!.path,
    type: 'file',
    deleted: false,
    size: 1000,
    hashed: true,
    executable: false,
    disk: DISK,
  });
  const disk = { ...DISK, inode: '9', nativeName: 'a/B' };
  store.setDisk([{ path: entry!.path, disk }]);
  t.deepEqual(store.facts(entry!.path)?.disk, disk);
  t.is(store.sequence, 5);
  t.is(store.facts(parseRelativePath('z'))?.disk, undefined);
});

test('a SHA-256 belongs to the content for which it was computed', (t) => {
  const store = emptyStore();
  const [first] = put(store, fileEntry('a'));
  const sha256 = new Uint8Array(32).fill(7);
  store.setSha256(first!, sha256);
  t.deepEqual(store.sha256(first!.path), sha256);
  put(store, fileEntry('a', { content: 'other' }));
  t.is(store.sha256(first!.path), undefined);
  store.setSha256(first!, sha256);
  t.is(store.sha256(first!.path), undefined);
});

test('after a crash what changed last is doubted, and what was recorded last where the clock had been set back', (t) => {
  const store = emptyStore();
  const now = 1_800_000_000_000_000;
  const back = now - 5 * 365 * 86_400_000_000;
  const minute = 60_000_000;
  const times = {
    old: now - 2 * minute,
    last: now,
    'long before': back - 2 * minute,
    before: back - 1,
    end: back,
  };
  for (const [path, ctimeUs] of Object.entries(times))
    store.put([{ entry: fileEntry(path), disk: { ...DISK, ctimeUs } }]);
  store.doubtLatest(minute);
  t.deepEqual(
    Object.keys(times).filter((path) => store.isDoubted(parseRelativePath(path))),
    ['last', 'before', 'end'],
  );
});
