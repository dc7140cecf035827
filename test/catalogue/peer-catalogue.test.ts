import test from 'ava';
import fc from 'fast-check';
import { fold } from '../../src/catalogue/fold.ts';
import { MAX_DEVICES } from '../../src/catalogue/peer-catalogue.ts';
import { STORED_BYTES } from '../../src/index/entry-row.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { RemoteStore } from '../../src/index/remote-store.ts';
import { RowReader } from '../../src/index/row-reader.ts';
import { SqliteError } from '../../src/index/sqlite.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { compileGlob, isGlob } from '../../src/model/glob.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { catalogueNode, type CatalogueNode } from '../support/catalogue-node.ts';
import { deviceNamed, fileEntry, tombstone } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLink, FakeNetwork } from '../support/fake-network.ts';
import { knownPeer } from '../support/known-peer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { refuseChanges, testDatabase } from '../support/test-database.ts';

/** Connects a device that does nothing. */
function meet(node: CatalogueNode, name: string): FakeLink {
  return new FakeLink(node.network, new FakeNetwork(deviceNamed(name), name), { flowing: false });
}

/** Puts `entries` into what is known of a device, numbered as they come. */
function tell(node: CatalogueNode, name: string, entries: readonly FileEntry[], fresh = false): void {
  const device = deviceNamed(name);
  const from = fresh ? 0 : node.catalogue.totals(device).sequence;
  const numbered = entries.map((entry, at) => ({ ...entry, sequence: from + at + 1 }));
  node.catalogue.put(device, { indexId: 'aa', fresh, until: from + entries.length, entries: numbered });
}

async function found(node: CatalogueNode, query: string, from?: string): Promise<string[]> {
  const options = from === undefined ? {} : { from: deviceNamed(from) };
  const files = await node.catalogue.find(query, options);
  return files.map(
    (file) =>
      `${file.path}${file.local ? ' here' : ''}${file.holders.map(({ name, online }) => ` ${name}${online ? '' : '?'}`).join('')}`,
  );
}

test('a peer is listed from its first connection on, offline once it has gone', async (t) => {
  const clock = new FakeClock(1000);
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const events: [string, boolean][] = [];
  node.catalogue.events.on('peerChanged', ({ name, online }) => events.push([name, online]));
  const link = meet(node, 'Ana');
  const device = deviceNamed('Ana');
  const known = { device, name: 'Ana', host: '192.0.2.2', port: 6000, files: 0 };
  t.deepEqual(node.catalogue.peers(), [{ ...known, online: true, lastSeen: 1000 }]);
  tell(node, 'Ana', [fileEntry('a'), fileEntry('b'), tombstone('c')]);
  await clock.advance(500);
  link.end();
  t.deepEqual(knownPeer(node.catalogue, device), { ...known, online: false, lastSeen: 1500, files: 2 });
  t.deepEqual(events, [
    ['Ana', true],
    ['Ana', false],
  ]);
  t.is(knownPeer(node.catalogue, deviceNamed('nobody')), undefined);
});

test('a database that takes nothing, as on a full disk, keeps nobody from being met', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  refuseChanges(node.database, true);
  const link = meet(node, 'Ana');
  t.like(knownPeer(node.catalogue, deviceNamed('Ana')), { name: 'Ana', online: true, files: 0 });
  t.throws(() => tell(node, 'Ana', [fileEntry('a')]), { name: 'SqliteError' });
  await clock.advance(5000);
  refuseChanges(node.database, false);
  tell(node, 'Ana', [fileEntry('a')]);
  t.like(knownPeer(node.catalogue, deviceNamed('Ana')), { files: 1 });
  refuseChanges(node.database, true);
  link.end();
  meet(node, 'Luis');
  refuseChanges(node.database, false);
  await clock.advance(5000);
  const kept = new Map(new RemoteStore(node.database, new EntryTable(node.database)).devices());
  t.like(kept.get(deviceNamed('Ana')), { name: 'Ana' });
  t.like(kept.get(deviceNamed('Luis')), { name: 'Luis' });
});

test('names that the database cannot read are read ahead when it can', async (t) => {
  const clock = new FakeClock();
  let isBroken = true;
  const database = testDatabase();
  const rows = new RowReader(database);
  const pathsAfter = rows.pathsAfter.bind(rows);
  rows.pathsAfter = (...args) => {
    if (isBroken) throw new SqliteError('SQLITE_IOERR_READ', 'disk I/O error');
    return pathsAfter(...args);
  };
  const node = await catalogueNode('us', clock, { rows }, database);
  t.teardown(() => node.stop());
  meet(node, 'Ana');
  tell(node, 'Ana', [fileEntry('a')], true);
  await clock.advance(1000);
  t.is(node.catalogue.names.count, 0);
  isBroken = false;
  await clock.advance(5000);
  t.is(node.catalogue.names.count, 1);
});

test('a session that takes over from another keeps the peer online', async (t) => {
  const node = await catalogueNode('us');
  t.teardown(() => node.stop());
  const first = meet(node, 'Ana');
  meet(node, 'Ana');
  first.end();
  t.true(knownPeer(node.catalogue, deviceNamed('Ana'))?.online);
});

test('a search finds parts of names and globs, without regard to case and accents, and who has them', async (t) => {
  const node = await catalogueNode('us');
  t.teardown(() => node.stop());
  const link = meet(node, 'Ana');
  meet(node, 'Luis');
  node.index.put(fileEntry('Fotos/Año nuevo.JPG'), fileEntry('notes.txt'));
  tell(node, 'Ana', [fileEntry('Fotos/Año nuevo.JPG'), fileEntry('canción.mp3'), tombstone('old año.jpg')]);
  tell(node, 'Luis', [
    fileEntry('Fotos/Año nuevo.JPG', { content: 'another photo' }),
    fileEntry('CANCIÓN.mp3', { hash: undefined, blocks: new Uint8Array() }),
    fileEntry('año', { type: 'directory', size: 0 }),
  ]);
  t.deepEqual((await found(node, 'ano')).sort(), [
    'Fotos/Año nuevo.JPG Luis',
    'Fotos/Año nuevo.JPG here Ana',
  ]);
  t.deepEqual(await found(node, '*.jpg', 'Luis'), ['Fotos/Año nuevo.JPG Luis']);
  t.deepEqual(await found(node, '*.jpg', 'Ana'), ['Fotos/Año nuevo.JPG here Ana']);
  t.deepEqual(await found(node, 'cancion'), ['CANCIÓN.mp3 Luis', 'canción.mp3 Ana']);
  t.deepEqual(await found(node, 'fotos/**'), await found(node, 'AÑO'));
  t.deepEqual(await found(node, 'NOTES.TXT'), ['notes.txt here']);
  t.deepEqual(await found(node, 'nothing like it'), []);
  t.deepEqual(await found(node, 'notes', 'nobody'), []);
  await t.throwsAsync(node.catalogue.find('x{'.repeat(1000)), { code: 'GLOB_INVALID' });
  link.end();
  t.deepEqual(await found(node, 'canción.mp3'), ['CANCIÓN.mp3 Luis', 'canción.mp3 Ana?']);
});

test('what is found of many is complete and in order', async (t) => {
  const node = await catalogueNode('us');
  t.teardown(() => node.stop());
  for (const name of ['Ana', 'Luis']) {
    meet(node, name);
    tell(
      node,
      name,
      Array.from({ length: 1200 }, (_, at) => fileEntry(`file ${at}`)),
    );
  }
  const files = await node.catalogue.find('file', { limit: 700 });
  t.is(files.length, 700);
  t.true(files.every(({ holders }) => holders.length === 2));
  t.deepEqual(
    files.map(({ path }) => path),
    files.map(({ path }) => path).sort(),
  );
  t.is((await node.catalogue.find('file')).length, 1000);
  t.is((await node.catalogue.find('file', { limit: Infinity })).length, 1200);
  t.is([...node.catalogue.entries()].length, 2400);
  t.is([...node.catalogue.entries(deviceNamed('Ana'))].length, 1200);
});

test('the search agrees with a plain one, whatever is added, deleted and begun anew', async (t) => {
  const names = fc.constantFrom('a', 'A', 'á', 'b/a', 'b/c.txt', 'C.TXT', 'ñ/ab', 'ab');
  const step = fc.record({
    peer: fc.constantFrom('Ana', 'Luis', 'us'),
    path: names,
    what: fc.constantFrom('file', 'file', 'file', 'deleted', 'directory', 'anew'),
    content: fc.constantFrom('x', 'y'),
  });
  const query = fc.constantFrom('a', 'á', '*', '*.txt', 'b/*', '**/a*', '/', 'AB', '');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), query, async (steps, wanted) => {
      const node = await catalogueNode('us');
      meet(node, 'Ana');
      meet(node, 'Luis');
      const model = new Map<string, Map<string, string>>();
      for (const [at, { peer, path, what, content }] of steps.entries()) {
        const files = model.get(peer) ?? new Map<string, string>();
        model.set(peer, files);
        const fresh = what === 'anew' && peer !== 'us';
        if (fresh) files.clear();
        if (what === 'file' || fresh) files.set(path, content);
        else if (what !== 'anew') files.delete(path);
        else continue;
        const entry =
          what === 'deleted'
            ? tombstone(path)
            : fileEntry(path, { content, ...(what === 'directory' && { type: 'directory', size: 0 }) });
        if (peer === 'us') node.index.put(entry);
        else tell(node, peer, [entry], fresh);
        if (at % 3 === 0) await node.catalogue.find('a');
      }
      const folded = fold(wanted);
      const matches = isGlob(folded) ? compileGlob(folded) : (name: string) => name.includes(folded);
      const expected = new Map<string, string[]>();
      for (const [peer, files] of model) {
        for (const [path, content] of files) {
          if (!matches(fold(path))) continue;
          const key = `${path} ${Buffer.from(fileEntry(path, { content }).hash!).toString('hex')}`;
          expected.set(key, [...(expected.get(key) ?? []), peer].sort());
        }
      }
      const actual = new Map(
        (await node.catalogue.find(wanted)).map(({ path, hash, local, holders }) => [
          `${path} ${Buffer.from(hash!).toString('hex')}`,
          [...holders.map(({ name }) => name), ...(local ? ['us'] : [])].sort(),
        ]),
      );
      t.deepEqual([...actual].sort(), [...expected].sort());
      await node.stop();
    }),
    { numRuns: 150 },
  );
});

test('what is known of peers is there after a restart', async (t) => {
  const folder = await temporaryFolder(t);
  const before = await catalogueNode('us', new FakeClock(5), {}, testDatabase(folder));
  meet(before, 'Ana');
  tell(before, 'Ana', [fileEntry('kept.txt')]);
  await before.stop();

  const after = await catalogueNode('us', new FakeClock(9), {}, testDatabase(folder));
  t.teardown(() => after.stop());
  t.like(after.catalogue.peers(), [{ name: 'Ana', online: false, lastSeen: 5, files: 1 }]);
  t.deepEqual(await found(after, 'kept'), ['kept.txt Ana?']);
  t.is(after.catalogue.at(parseRelativePath('kept.txt')).length, 1);
});

test('names are read ahead while nothing happens, and what was discarded is deleted', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  meet(node, 'Ana');
  tell(
    node,
    'Ana',
    Array.from({ length: 1500 }, (_, at) => fileEntry(`${at}`)),
  );
  await clock.advance(1000);
  t.is(node.catalogue.names.count, 1500);
  tell(node, 'Ana', [fileEntry('new')], true);
  await clock.advance(1000);
  t.deepEqual(node.database.prepare('SELECT count(*) FROM entry').row(), [1]);
  t.deepEqual(await found(node, ''), ['new Ana']);
});

test('of more devices than can be remembered those that were away longest are forgotten', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const stays = meet(node, 'stays');
  for (let at = 0; at < MAX_DEVICES + 5; at += 1) {
    meet(node, `passer-by ${at}`).end();
    await clock.advance(1);
  }
  t.is(node.catalogue.peers().length, MAX_DEVICES);
  t.true(knownPeer(node.catalogue, stays.left.device)?.online);
  t.is(knownPeer(node.catalogue, deviceNamed('passer-by 0')), undefined);
  t.truthy(knownPeer(node.catalogue, deviceNamed(`passer-by ${MAX_DEVICES + 4}`)));
});

test('who passes by and has nothing does not push out what is known of others', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const ana = meet(node, 'ana');
  tell(node, 'ana', [fileEntry('hers')]);
  ana.end();
  for (let at = 0; at < MAX_DEVICES + 5; at += 1) {
    await clock.advance(1);
    meet(node, `passer-by ${at}`).end();
  }
  t.is(node.catalogue.totals(deviceNamed('ana')).entries, 1);
  t.is(node.catalogue.peers().length, MAX_DEVICES);
});

test('of indexes that take too much room together those of devices that were away longest are forgotten', async (t) => {
  const clock = new FakeClock();
  const maxStored = 300_000;
  const node = await catalogueNode('us', clock, { maxStored });
  t.teardown(() => node.stop());
  const large = [fileEntry('large', { size: 2 ** 35 })];
  const stays = meet(node, 'stays');
  tell(node, 'stays', large);
  const stored = () =>
    node.database.prepare(`SELECT coalesce(sum(${STORED_BYTES}), 0) FROM entry`).row()![0] as number;
  for (let at = 0; at < 20; at += 1) {
    const link = meet(node, `passer-by ${at}`);
    tell(node, `passer-by ${at}`, large, at % 2 === 0);
    link.end();
    t.true(stored() <= maxStored);
    await clock.advance(1);
  }
  t.is(node.catalogue.totals(stays.left.device).entries, 1);
  t.is(knownPeer(node.catalogue, deviceNamed('passer-by 0')), undefined);
  t.is(node.catalogue.totals(deviceNamed('passer-by 19')).entries, 1);
  t.is(node.catalogue.totals(deviceNamed('passer-by 18')).entries, 1);
});
