import { readdir } from 'node:fs/promises';
import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { DocumentStore } from '../../src/index/document-store.ts';
import { STORED_BYTES } from '../../src/index/entry-row.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import type { Database } from '../../src/index/database.ts';
import { RemoteStore } from '../../src/index/remote-store.ts';
import { blockHash } from '../../src/model/file-entry.ts';
import { deviceNamed, fileEntry, tombstone } from '../support/entries.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { storeOf, testDatabase } from '../support/test-database.ts';

test('a database of the first release gets the tables that came later, and keeps what it has', async (t) => {
  const folder = await temporaryFolder(t);
  const database = testDatabase(folder);
  const entry = fileEntry('kept');
  storeOf(database).put([{ entry, disk: undefined }]);
  database.prepare('DROP TABLE corrupt').run();
  goBack(database, 1);
  database.close();
  const next = testDatabase(folder);
  const store = storeOf(next);
  t.is(next.indexId, database.indexId);
  t.deepEqual(store.get(entry.path)?.hash, entry.hash);
  t.is(store.corrupt.count, 0);
  store.corrupt.add(entry.path, entry.hash!);
  t.true(store.corrupt.has(entry.path));
  next.close();
});

test('what an earlier release had indexed of an own folder of an agent is forgotten', async (t) => {
  const folder = await temporaryFolder(t);
  const database = testDatabase(folder);
  const names = ['app/x', 'key', 'folder', 'app/y.compartidosignore', 'ignore'];
  const entries = names.map((name) => fileEntry(name, { size: 1_000_000 }));
  storeOf(database).put(entries.map((entry) => ({ entry, disk: undefined })));
  const rename = database.prepare('UPDATE entry SET path = ? WHERE path = ?');
  rename.run('app/.Compartidos/identity/key.pem', 'key');
  rename.run('app/.compartidos', 'folder');
  rename.run('app/.compartidosignore', 'ignore');
  goBack(database, 2);
  database.close();
  const next = testDatabase(folder);
  const paths = next.prepare('SELECT path FROM entry ORDER BY path').rows().flat();
  t.deepEqual(paths, ['app/x', 'app/y.compartidosignore']);
  t.like(storeOf(next).totals(), { entries: 2, files: 2, bytes: 2_000_000 });
  const dangling = 'SELECT count(*) FROM block WHERE entry NOT IN (SELECT row FROM entry)';
  t.deepEqual(next.prepare(dangling).row(), [0]);
  next.close();
});

test('of what an earlier release had stored of other devices it is known how much it takes', async (t) => {
  const folder = await temporaryFolder(t);
  const database = testDatabase(folder);
  const remote = new RemoteStore(database, new EntryTable(database));
  const device = deviceNamed('Ana');
  remote.setDevice(device, { name: 'Ana', host: '192.0.2.1', port: 6000, lastSeen: 1 });
  const entries = [fileEntry('ñandú', { size: 10 ** 7 }), tombstone('b', { sequence: 2 })];
  remote.put(device, { indexId: 'aa', fresh: false, until: 2, entries });
  remote.put(device, { indexId: 'bb', fresh: true, until: 2, entries: entries.slice(1) });
  const { stored } = remote;
  goBack(database, 3);
  database.close();
  const next = testDatabase(folder);
  t.teardown(() => next.close());
  t.is(new RemoteStore(next, new EntryTable(next)).stored, stored);
  t.is(next.prepare(`SELECT sum(${STORED_BYTES}) FROM entry`).row()![0], stored);
});

test('what an earlier release cut into other blocks is to be read again, and others tell anew', async (t) => {
  const folder = await temporaryFolder(t);
  const database = testDatabase(folder);
  const store = storeOf(database);
  const small = fileEntry('small', { size: 131_072 });
  const large = fileEntry('large', { size: 1_000_000 });
  const larger = fileEntry('larger', { size: 2 ** 30 });
  store.put([small, large, larger].map((entry) => ({ entry, disk: undefined })));
  for (const { path, hash } of [small, large]) store.corrupt.add(path, hash!);
  const remote = new RemoteStore(database, new EntryTable(database));
  const devices = ['Ana', 'Luis'].map(deviceNamed);
  for (const [number, device] of devices.entries()) {
    remote.setDevice(device, { name: 'one', host: '192.0.2.1', port: 6000, lastSeen: number });
    const entries = [fileEntry('theirs', { size: 1_000_000 })];
    remote.put(device, { indexId: 'aa', fresh: false, until: 7, entries });
  }
  const downloads = new DocumentStore(database, 'download');
  const order = (content: object) => ({ state: 'paused', content });
  const hashes = { blocks: 'AAAA', hash: 'BBBB' };
  downloads.write([
    ['small', order({ size: 5, ...hashes })],
    ['large', order({ size: 1_000_000, ...hashes })],
    ['classic', { state: 'paused' }],
  ]);
  database.prepare('PRAGMA user_version = 5').run();
  database.close();
  const next = testDatabase(folder);
  t.teardown(() => next.close());
  const now = storeOf(next);
  for (const entry of [small, larger]) t.deepEqual(now.get(entry.path)?.hash, entry.hash);
  t.like(now.get(large.path), { hash: undefined, blocks: new Uint8Array(), version: large.version });
  t.is(now.findBlock(blockHash(large, 0)!), undefined);
  t.truthy(now.findBlock(blockHash(larger, 0)!));
  t.deepEqual(now.corrupt.first(10), [small.path]);
  const others = new RemoteStore(next, new EntryTable(next));
  for (const [number, device] of devices.entries()) {
    t.is(others.devices().get(device)?.lastSeen, number);
    t.is(others.get(device, large.path), undefined);
    t.like(others.totals(device), { indexId: '', sequence: 0, entries: 0, stored: 0 });
  }
  const stored = () => Number(next.prepare(`SELECT sum(${STORED_BYTES}) FROM entry`).row()![0]);
  t.is(now.totals().stored + others.stored, stored());
  while (others.sweep(100));
  t.is(others.stored, 0);
  t.is(now.totals().stored, stored());
  t.deepEqual(
    [...new DocumentStore(next, 'download').all()].sort(([one], [two]) => (one < two ? -1 : 1)),
    [
      ['classic', { state: 'paused' }],
      ['large', order({ size: 1_000_000, blocks: '' })],
      ['small', order({ size: 5, ...hashes })],
    ],
  );
});

test('a database of a later release is left alone', async (t) => {
  const folder = await temporaryFolder(t);
  const database = testDatabase(folder);
  database.prepare('PRAGMA user_version = 1000').run();
  database.close();
  const error = t.throws(() => testDatabase(folder), { instanceOf: CompartidosError });
  t.deepEqual([error.code, error.params], ['STATE_TOO_NEW', { version: 1000 }]);
  t.false((await readdir(folder)).some((name) => name.includes('damaged')));
});

/** Makes it what the release of that version left. */
function goBack(database: Database, version: 1 | 2 | 3): void {
  database
    .prepare('CREATE INDEX entry_unhashed ON entry (device, path) WHERE hash IS NULL AND (flags & 7) = 0')
    .run();
  database.prepare('ALTER TABLE device DROP COLUMN stored').run();
  database.prepare('ALTER TABLE discarded DROP COLUMN stored').run();
  database.prepare(`PRAGMA user_version = ${version}`).run();
}
