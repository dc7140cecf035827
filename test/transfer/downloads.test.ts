import { randomBytes } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { incrementVersion } from '../../src/model/version-vector.ts';
import { BLOCK } from '../support/block-size.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { incomingOf, pair, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TransferPeer } from '../support/transfer-peer.ts';

const MIB = 1024 * 1024;

test('a file arrives whole, with its time and mode, in the folder it belongs to', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = randomBytes(3 * MIB + 17);
  const entry = await alice.write('music/live/song.flac', bytes);
  alice.announceTo(bob);

  const view = await bob.get(alice, 'music/live/song.flac').finished;

  t.like(view, { state: 'done', bytes: bytes.length, size: bytes.length, error: null, from: ['alice'] });
  await sameBytes(t, bob, 'music/live/song.flac', bytes);
  const facts = await stat(join(bob.folder, 'music/live/song.flac'), { bigint: true });
  t.is(Number(facts.mtimeNs / 1000n), entry.mtimeUs);
  t.deepEqual(bob.index.get(entry.path)?.version, entry.version);
  t.deepEqual(await incomingOf(bob), []);
});

test('empty files, small files and folders need no temporary file', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('empty', Buffer.alloc(0));
  await alice.write('small', Buffer.from('hello'));
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'empty').finished).state, 'done');
  t.is((await bob.get(alice, 'small').finished).state, 'done');
  t.is((await bob.read('empty')).length, 0);
  t.is((await bob.read('small')).toString(), 'hello');
});

test('one source is asked for a file from its beginning to its end', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', randomBytes(8 * MIB));
  alice.announceTo(bob);
  const offsets: number[] = [];
  alice.network.tampering = ({ offset }, answer) => {
    offsets.push(offset);
    return answer();
  };
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  // A block that is slow may be asked for once more in the end.
  const first = [...new Set(offsets)];
  t.deepEqual(
    first,
    [...first].sort((a, b) => a - b),
  );
});

test('several sources share the work', async (t) => {
  const lan = new MemoryLan();
  const sources = await Promise.all(['a', 'b', 'c'].map((name) => TransferPeer.start(t, lan, name)));
  const bob = await TransferPeer.start(t, lan, 'bob');
  lan.connectAll();
  const bytes = randomBytes(24 * MIB);
  for (const source of sources) {
    await source.write(`${source.name}.bin`, bytes);
    source.announceTo(bob);
    source.network.tampering = async (_, answer) => {
      await new Promise((resolve) => setImmediate(resolve));
      return answer();
    };
  }
  const view = await bob.get(sources[0]!, 'a.bin').finished;
  t.is(view.state, 'done');
  await sameBytes(t, bob, 'a.bin', bytes);
  t.deepEqual([...view.from].sort(), ['a', 'b', 'c']);
});

test('a name that is taken is not overwritten', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', Buffer.from('theirs'));
  alice.announceTo(bob);
  // Nobody here has looked at it yet.
  await writeFile(join(bob.folder, 'file'), 'mine');
  const view = await bob.get(alice, 'file').finished;
  t.like(view, { state: 'done', target: 'file (from alice)' });
  t.is((await bob.read('file')).toString(), 'mine');
  t.is((await bob.read('file (from alice)')).toString(), 'theirs');
});

test('what is here under another name already is said to be there', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', Buffer.from('theirs'));
  alice.announceTo(bob);
  await bob.write('file', Buffer.from('mine'));
  for (const time of ['first', 'second']) {
    const view = await bob.get(alice, 'file').finished;
    t.like(view, { state: 'done', target: 'file (from alice)' }, time);
  }
  t.deepEqual((await readdir(bob.folder)).filter((name) => name.startsWith('file')).sort(), [
    'file',
    'file (from alice)',
  ]);
});

test('an edit of the same file is kept, and the newcomer gets a name of its own', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', Buffer.from('old'));
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  await alice.write('file', Buffer.from('theirs'));
  alice.announceTo(bob);
  await writeFile(join(bob.folder, 'file'), 'edited');
  t.like(await bob.get(alice, 'file').finished, { state: 'done', target: 'file (from alice)' });
  t.is((await bob.read('file')).toString(), 'edited');
});

test('a rule that syncs keeps both sides of a conflict', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', Buffer.from('old'));
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  await alice.write('file', Buffer.from('theirs'));
  await bob.write('file', Buffer.from('edited'));
  t.is((await bob.get(alice, 'file', { reason: 'rule', mode: 'sync' }).finished).state, 'done');
  const names = (await readdir(bob.folder)).filter((name) => name.startsWith('file'));
  t.is(names.length, 2);
  const contents = await Promise.all(names.map(async (name) => (await bob.read(name)).toString()));
  t.deepEqual(contents.sort(), ['edited', 'theirs']);
});

test('the older version goes to the trash', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', Buffer.from('old'));
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  await alice.write('file', Buffer.from('newer'));
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  t.is((await bob.read('file')).toString(), 'newer');
  const [item] = await bob.trash.list();
  t.is((await bob.read(`.compartidos/trash/${item!.id}`)).toString(), 'old');
});

test('a newcomer waits for whoever is changing its target, and goes by what he leaves', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', Buffer.from('old'));
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  const newer = await alice.write('file', Buffer.from('newer'));
  const release = await bob.index.hold([newer.path]);
  const handle = bob.get(alice, 'file');
  await untilView(bob, handle.id, ({ state }) => state === 'verifying');
  // As long as one who does not wait would need.
  for (let other = 0; other < 100; other += 1) await bob.write('other/file', Buffer.from(String(other)));
  await writeFile(join(bob.folder, 'file'), 'newest');
  const entry = (await bob.index.refresh(newer.path))!;
  await bob.index.record([{ ...entry, version: incrementVersion(newer.version, bob.device, 1) }]);
  release();
  t.is((await handle.finished).state, 'done');
  t.is((await bob.read('file')).toString(), 'newest');
  t.deepEqual(await bob.trash.list(), []);
  const names = (await readdir(bob.folder)).filter((name) => name.startsWith('file'));
  const contents = await Promise.all(names.map(async (name) => (await bob.read(name)).toString()));
  t.deepEqual(contents.sort(), ['newer', 'newest']);
});

test('the same request is the same download, and a person makes it more urgent', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', Buffer.from('x'));
  alice.announceTo(bob);
  const first = bob.get(alice, 'file', { reason: 'rule' });
  const second = bob.get(alice, 'file');
  t.is(first.id, second.id);
  t.is(second.view().reason, 'person');
  t.is((await first.finished).state, 'done');
});

test('a file that is still being hashed is pulled as far as it is known', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = randomBytes(2 * MIB);
  const entry = await alice.write('file', bytes);
  const partly = { ...entry, blocks: entry.blocks.subarray(0, 3 * 32), hash: undefined };
  bob.catalogue.announce(alice.device, 'alice', [partly]);
  const handle = bob.get(alice, 'file', { content: partly });
  await untilView(bob, handle.id, (view) => view.bytes === 3 * BLOCK);
  bob.catalogue.announce(alice.device, 'alice', [entry]);
  t.is((await handle.finished).state, 'done');
  await sameBytes(t, bob, 'file', bytes);
});

test('what a source has hashed while nobody was pulling is not waited for', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = randomBytes(2 * MIB);
  const entry = await alice.write('file', bytes);
  const partly = { ...entry, blocks: entry.blocks.subarray(0, 3 * 32), hash: undefined };
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'file', { content: partly }).finished).state, 'done');
  await sameBytes(t, bob, 'file', bytes);
});

test('a newer version that is still being hashed is waited for: most of it is here', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = randomBytes(2 * MIB);
  await alice.write('file', bytes);
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  alice.network.sent.clear();
  bytes.fill(1, MIB, MIB + 5);
  const entry = await alice.write('file', bytes);
  const partly = { ...entry, blocks: entry.blocks.subarray(0, 3 * 32), hash: undefined };
  bob.catalogue.announce(alice.device, 'alice', [partly]);
  const handle = bob.get(alice, 'file', { content: partly });
  const errors: unknown[] = [];
  bob.downloads.events.on('changed', (download) => errors.push(download.view().error));
  await untilView(bob, handle.id, (view) => view.state !== 'queued');
  bob.catalogue.announce(alice.device, 'alice', [entry]);
  t.is((await handle.finished).state, 'done');
  t.true(
    errors.every((error) => error === null),
    'in one attempt',
  );
  t.is(alice.network.sent.get(bob.device), 1);
  await sameBytes(t, bob, 'file', bytes);
});

test('what is here under another name is waited for while it is still being hashed, and not sent', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = randomBytes(2 * MIB);
  await bob.write('before', bytes);
  const entry = await alice.write('file', bytes);
  const partly = { ...entry, blocks: entry.blocks.subarray(0, 2 * 32), hash: undefined };
  bob.catalogue.announce(alice.device, 'alice', [partly]);
  const handle = bob.get(alice, 'file', { content: partly });
  await untilView(bob, handle.id, (view) => view.state !== 'queued');
  bob.catalogue.announce(alice.device, 'alice', [entry]);
  t.is((await handle.finished).state, 'done');
  t.is(alice.network.sent.get(bob.device), undefined);
  await sameBytes(t, bob, 'file', bytes);
});

test('a newer version of the same content takes its place in the queue', async (t) => {
  const { alice, bob } = await pair(t);
  const entry = await alice.write('file', randomBytes(MIB));
  const newer = { ...entry, version: incrementVersion(entry.version, alice.device, Date.now()) };
  bob.catalogue.announce(alice.device, 'alice', [newer]);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  alice.network.tampering = (_, answer) => held.then(answer);
  const first = bob.get(alice, 'file', { content: entry, reason: 'rule' });
  const second = bob.get(alice, 'file', { content: newer, reason: 'rule' });
  t.is(first.id, second.id);
  letGo();
  t.is((await second.finished).state, 'done');
  t.deepEqual(bob.index.get(entry.path)?.version, newer.version);
});

test('the same version, hashed meanwhile, is the same download', async (t) => {
  const { alice, bob } = await pair(t);
  const entry = await alice.write('file', randomBytes(MIB));
  const partly = { ...entry, blocks: entry.blocks.subarray(0, 32), hash: undefined };
  bob.catalogue.announce(alice.device, 'alice', [partly]);
  const first = bob.get(alice, 'file', { content: partly, reason: 'rule' });
  const second = bob.get(alice, 'file', { reason: 'rule' });
  t.is(first.id, second.id);
  alice.announceTo(bob);
  t.is((await first.finished).state, 'done');
  t.is(bob.downloads.list().length, 1);
});

test('a name that cannot be held fails at once; a rule that asks again changes nothing, a person does', async (t) => {
  const { alice, bob } = await pair(t);
  const target = parseRelativePath('link');
  const entry = await alice.write('file', Buffer.from('x'));
  const link = { ...entry, path: target, type: 'symlink' as const, target: '../../etc/passwd', size: 0 };
  const content = { ...link, blocks: new Uint8Array(), hash: undefined };
  const ask = (reason: 'person' | 'rule') => bob.get(alice, 'file', { content, target, reason });
  const handle = ask('rule');
  t.like(await handle.finished, { state: 'failed', error: { code: 'NAME_UNSUPPORTED' } });
  t.is(ask('rule').view().state, 'failed');
  const again = ask('person');
  t.is(again.view().state, 'queued');
  t.is((await again.finished).state, 'failed');
});

test('a thousand small files', async (t) => {
  const { alice, bob } = await pair(t);
  const names = Array.from({ length: 1000 }, (_, index) => `folder ${index % 10}/${index}`);
  const contents = new Map(names.map((name) => [name, randomBytes(1 + Math.floor(Math.random() * 20_000))]));
  for (const [name, bytes] of contents) await alice.write(name, bytes);
  alice.announceTo(bob);
  const views = await Promise.all(names.map((name) => bob.get(alice, name, { reason: 'rule' }).finished));
  t.true(views.every(({ state }) => state === 'done'));
  for (const [name, bytes] of contents) await sameBytes(t, bob, name, bytes);
  t.deepEqual(await incomingOf(bob), []);
  t.is(bob.documents.all().size, 0);
});
