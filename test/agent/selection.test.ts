import test from 'ava';
import type { ExecutionContext } from 'ava';
import { matchingPeers, select, type Selected } from '../../src/agent/selection.ts';
import type { KnownPeer } from '../../src/catalogue/catalogue.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { catalogueNode } from '../support/catalogue-node.ts';
import { deviceNamed, fileEntry, tombstone } from '../support/entries.ts';
import { FakeLink, FakeNetwork } from '../support/fake-network.ts';
import { MemoryCatalogue } from '../support/memory-catalogue.ts';

async function whole(selection: Awaited<ReturnType<typeof select>>) {
  if (!selection || selection === 'local') return selection;
  const selected: Selected[] = [];
  for await (const each of selection) selected.push(each);
  return selected;
}

test('a file that we have is asked for only when ours is corrupt', async (t) => {
  const peer = deviceNamed('peer');
  const entry = fileEntry('file');
  const catalogue = new MemoryCatalogue();
  catalogue.announce(peer, 'peer', [entry]);
  catalogue.find = async () => [{ ...entry, local: true, holders: [] }];
  const selected = async (corrupt?: FileEntry, from?: DeviceId) =>
    whole(await select(catalogue, { path: 'file' }, from, () => corrupt));
  const found = (content: FileEntry) => [{ content, devices: [peer] }];
  t.is(await selected(), 'local');
  const [change] = entry.version;
  const newer = { ...entry, mtimeUs: 5, version: [{ ...change!, value: change!.value + 1 }] };
  const older = { ...entry, mtimeUs: 5, version: [] };
  const other = fileEntry('file', { content: 'other', version: newer.version });
  t.deepEqual(await selected(entry), found(entry));
  t.deepEqual(await selected(newer), found(newer), 'it gets the time that ours had');
  t.deepEqual(await selected(older), found(entry));
  t.deepEqual(await selected(other), found(entry), 'another content is not ours');
  catalogue.at = () => [];
  const waiting = [{ content: entry, devices: [] }];
  t.deepEqual(await selected(entry), waiting, 'nobody has it now');
  t.is(await selected(entry, peer), undefined, 'nor has the peer that is asked');
});

/** What is selected of a network where one device has these files, or what else is named. */
async function network(t: ExecutionContext, ...named: (string | FileEntry)[]) {
  const node = await catalogueNode('us');
  t.teardown(() => node.stop());
  new FakeLink(node.network, new FakeNetwork(deviceNamed('Ana'), 'Ana'), { flowing: false });
  const entries = named.map((one, at) => {
    return { ...(typeof one === 'string' ? fileEntry(one) : one), sequence: at + 1 };
  });
  node.catalogue.put(deviceNamed('Ana'), { indexId: 'aa', fresh: true, until: entries.length, entries });
  const selected = async (path: string, hash?: string | null) => {
    const selector = hash === undefined ? { path } : { path, hash };
    const found = await whole(await select(node.catalogue, selector, undefined));
    return found === 'local' ? found : (found ?? []).map(({ content }) => content.path as string);
  };
  return { node, entries, selected };
}

const nothingIn = { size: 0, blocks: new Uint8Array(), hash: undefined };
const folder = (path: string) => fileEntry(path, { ...nothingIn, type: 'directory' });
const link = (path: string, target: string) => fileEntry(path, { ...nothingIn, type: 'symlink', target });

test('folders may be separated as on Windows', async (t) => {
  const { selected } = await network(t, 'notes/a.txt', 'notes/b/c.txt', 'n*');
  t.deepEqual(await selected('notes\\b\\c.txt'), ['notes/b/c.txt']);
  t.deepEqual(await selected('notes\\'), ['notes/a.txt', 'notes/b/c.txt']);
  t.deepEqual(await selected('notes\\*.txt'), ['notes/a.txt']);
  t.deepEqual(await selected('n\\*'), ['n*'], 'what a pattern means goes first');
});

test('a folder stands for all that is in it, and a file of that name for itself', async (t) => {
  const { selected } = await network(t, 'notes/a', 'notes/b/c', 'notes.txt', 'my notes/d', 'x/notes', 'é/e');
  t.deepEqual(await selected('notes'), ['notes/a', 'notes/b/c']);
  t.deepEqual(await selected('notes/b/'), ['notes/b/c']);
  t.deepEqual(await selected('é'.normalize('NFD')), ['é/e']);
  t.deepEqual(await selected('x/notes'), ['x/notes']);
  t.deepEqual(await selected('x/notes', null), ['x/notes']);
  t.deepEqual(await selected('NOTES/B'), ['notes/b/c'], 'case does not count, as in a glob');
  for (const nothing of ['note', 'X/NOTES', '/', '', 'notes/c']) t.deepEqual(await selected(nothing), []);
});

test('links and empty folders belong to what is meant', async (t) => {
  const { selected } = await network(
    t,
    ...[folder('notes'), folder('notes/empty'), folder('notes/full'), folder('notes/left')],
    ...['notes/full/a', 'notes/full.txt', tombstone('notes/left/b')],
    ...[link('notes/latest', 'full/a'), link('away', 'notes')],
  );
  const inNotes = ['notes/empty', 'notes/full.txt', 'notes/full/a', 'notes/latest', 'notes/left'];
  t.deepEqual(await selected('notes'), inNotes);
  t.deepEqual(await selected('**'), ['away', ...inNotes]);
  t.deepEqual(await selected('notes/*'), ['notes/empty', 'notes/full.txt', 'notes/latest', 'notes/left']);
  t.deepEqual(await selected('notes/latest'), ['notes/latest']);
  t.deepEqual(await selected('notes/empty'), ['notes/empty']);
});

test('a link that we have is asked for only when another one points elsewhere', async (t) => {
  const { node, selected } = await network(t, link('same', 'a'), link('other', 'a'), folder('empty'));
  for (const ours of [link('same', 'a'), link('other', 'b'), folder('empty')]) node.index.put(ours);
  t.is(await selected('same'), 'local');
  t.is(await selected('empty'), 'local');
  t.deepEqual(await selected('other'), ['other']);
});

test('names may look like globs', async (t) => {
  const names = [
    '[draft] {a,b}.txt',
    'Fotos [2024]/1',
    'Fotos 2024/2',
    'd/x {1,2}.txt',
    'y {1,2}/z',
    'what?',
  ];
  const { selected, entries } = await network(t, ...names);
  t.deepEqual(await selected('[draft] {a,b}.txt'), ['[draft] {a,b}.txt']);
  t.deepEqual(await selected('Fotos [2024]'), ['Fotos [2024]/1']);
  t.deepEqual(await selected('x {1,2}.txt'), ['d/x {1,2}.txt']);
  t.deepEqual(await selected('y {1,2}'), ['y {1,2}/z']);
  t.deepEqual(await selected('what?'), ['what?']);
  t.deepEqual(await selected('what*'), ['what?']);
  const { path, hash } = entries[3]!;
  t.deepEqual(await selected(path, Buffer.from(hash!).toString('hex')), ['d/x {1,2}.txt']);
  t.deepEqual(await selected(path, '00'), []);
});

test('the name of a file that has been found is no glob', async (t) => {
  const { selected } = await network(t, 'x [1].txt', 'x 1.txt');
  t.deepEqual(await selected('x [1].txt', null), ['x [1].txt']);
});

test('a peer is meant by its name or its id, and one that is online before those that are not', (t) => {
  const peer = (text: string, name: string, online: boolean): KnownPeer => {
    return { device: deviceNamed(text), name, host: '', port: 6000, online, lastSeen: 1, files: 0 };
  };
  const [old, older] = [peer('old', 'Ana', false), peer('older', 'ana', false)];
  const [ana, another] = [peer('new', 'ana', true), peer('another', 'ana', true)];
  const luis = peer('luis', 'luis', true);
  for (const [known, text, meant] of [
    [[old, ana, luis], 'ana', [ana]],
    [[old, luis], 'ana', [old]],
    [[old, older, luis], 'ana', [old, older]],
    [[old, ana, another], 'ana', [ana, another]],
    [[old, ana], old.device, [old]],
    [[old, ana], 'luis', []],
  ] as const) {
    t.deepEqual(matchingPeers(known, text), meant);
  }
});
