import test from 'ava';
import type { Database } from '../../src/index/database.ts';
import fc from 'fast-check';
import { STORED_BYTES } from '../../src/index/entry-row.ts';
import { EntryStore } from '../../src/index/entry-store.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { QuotaExceeded, RemoteStore } from '../../src/index/remote-store.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { deviceNamed, fileEntry, tombstone } from '../support/entries.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testDatabase } from '../support/test-database.ts';

const ANA = deviceNamed('Ana');
const LUIS = deviceNamed('Luis');
const FACTS = { name: 'Ana', host: '192.0.2.1', port: 6000, lastSeen: 1 };

function emptyStores(): { local: EntryStore; remote: RemoteStore } {
  const database = testDatabase();
  const table = new EntryTable(database);
  return { local: new EntryStore(database, table), remote: new RemoteStore(database, table) };
}

test('what peers have is kept apart from each other and from what we have', (t) => {
  const { local, remote } = emptyStores();
  remote.setDevice(ANA, FACTS);
  remote.setDevice(LUIS, { ...FACTS, name: 'Luis' });
  const file = fileEntry('a');
  local.put([{ entry: file, disk: undefined }]);
  remote.put(ANA, { indexId: 'aa', fresh: false, until: 9, entries: [{ ...file, sequence: 4 }] });
  remote.put(LUIS, { indexId: 'bb', fresh: false, until: 2, entries: [tombstone('a', { sequence: 2 })] });

  t.like(remote.totals(ANA), { indexId: 'aa', sequence: 9, entries: 1, files: 1, bytes: 1000 });
  t.like(remote.totals(LUIS), { sequence: 2, entries: 1, files: 0 });
  t.is(remote.totals(deviceNamed('nobody')).entries, 0);
  t.deepEqual(remote.get(ANA, file.path), { ...file, sequence: 4 });
  t.deepEqual(remote.at(file.path), [
    { device: ANA, entry: { ...file, sequence: 4 } },
    { device: LUIS, entry: tombstone('a', { sequence: 2 }) },
  ]);
  t.deepEqual(
    remote.withHash(file.hash!).map(({ device }) => device),
    [ANA],
  );
  t.deepEqual(
    remote.after(ANA, 0, 'live').map(({ entry }) => entry.sequence),
    [4],
  );
  t.deepEqual(remote.after(LUIS, 0, 'live'), []);
  t.is(local.totals().entries, 1);
});

test('a device that could not be written down is when it is set again', (t) => {
  const database = testDatabase();
  const remote = new RemoteStore(database, new EntryTable(database));
  const release = refuseDevices(database);
  t.throws(() => remote.setDevice(ANA, FACTS), { name: 'SqliteError' });
  t.is(remote.numberOf(ANA), undefined);
  release();
  remote.setDevice(ANA, FACTS);
  t.deepEqual([...remote.devices()], [[ANA, FACTS]]);
  const file = fileEntry('a', { sequence: 1 });
  remote.put(ANA, { indexId: 'aa', fresh: false, until: 1, entries: [file] });
  t.deepEqual(remote.withHash(file.hash!), [{ device: ANA, entry: file }]);
});

test('a device that begins anew has only what it says from then on', (t) => {
  const { remote } = emptyStores();
  remote.setDevice(ANA, FACTS);
  const entries = Array.from({ length: 25 }, (_, at) => fileEntry(`${at}`, { sequence: at + 1 }));
  remote.put(ANA, { indexId: 'aa', fresh: false, until: 25, entries });
  remote.put(ANA, { indexId: 'bb', fresh: true, until: 1, entries: [fileEntry('new', { sequence: 1 })] });
  t.like(remote.totals(ANA), { indexId: 'bb', sequence: 1, entries: 1, files: 1, bytes: 1000 });
  t.is(remote.get(ANA, parseRelativePath('3')), undefined);
  t.deepEqual(remote.at(parseRelativePath('3')), []);
  t.deepEqual(remote.withHash(fileEntry('3').hash!), []);
  t.deepEqual([...remote.devices().keys()], [ANA]);

  let rounds = 0;
  while (remote.sweep(10)) rounds += 1;
  t.is(rounds, 3);
  t.is(remote.totals(ANA).entries, 1);
  t.truthy(remote.get(ANA, parseRelativePath('new')));
});

test('what a device leaves that begins anew many times is deleted faster than it can do so', (t) => {
  const { remote } = emptyStores();
  remote.setDevice(ANA, FACTS);
  const entries = [fileEntry('a', { sequence: 1 })];
  for (let time = 0; time < 501; time += 1) {
    remote.put(ANA, { indexId: 'aa', fresh: true, until: 1, entries });
  }
  let rounds = 0;
  while (remote.sweep(1000)) rounds += 1;
  t.true(rounds <= 6, `${rounds}`);
  t.is(remote.stored, remote.totals(ANA).stored);
});

test('a device with very many copies of a content does not hide those of others', (t) => {
  const { remote } = emptyStores();
  const copies = (count: number) =>
    Array.from({ length: count }, (_, at) => fileEntry(`${at}`, { content: 'x', sequence: at + 1 }));
  remote.setDevice(ANA, FACTS);
  remote.put(ANA, { indexId: 'aa', fresh: false, until: 1000, entries: copies(1000) });
  remote.setDevice(LUIS, FACTS);
  remote.put(LUIS, { indexId: 'aa', fresh: false, until: 1, entries: copies(1) });
  const found = remote.withHash(copies(1)[0]!.hash!);
  t.true(found.length <= 8);
  t.deepEqual(new Set(found.map(({ device }) => device)), new Set([ANA, LUIS]));
});

test('a forgotten device leaves nothing, and its entries never become those of another', (t) => {
  const { remote } = emptyStores();
  remote.setDevice(ANA, FACTS);
  remote.put(ANA, { indexId: 'aa', fresh: false, until: 1, entries: [fileEntry('a')] });
  remote.forget(ANA);
  remote.setDevice(LUIS, FACTS);
  t.is(remote.get(LUIS, parseRelativePath('a')), undefined);
  t.deepEqual(remote.at(parseRelativePath('a')), []);
  t.deepEqual([...remote.devices().keys()], [LUIS]);
  t.is(remote.totals(ANA).entries, 0);
});

test('devices and what they have are there after a restart', async (t) => {
  const folder = await temporaryFolder(t);
  const first = testDatabase(folder);
  const before = new RemoteStore(first, new EntryTable(first));
  before.setDevice(ANA, FACTS);
  before.setDevice(ANA, { ...FACTS, name: 'Ana María', lastSeen: 7 });
  before.put(ANA, { indexId: 'aa', fresh: true, until: 3, entries: [fileEntry('a', { sequence: 3 })] });
  first.close();

  const second = testDatabase(folder);
  t.teardown(() => second.close());
  const after = new RemoteStore(second, new EntryTable(second));
  t.deepEqual([...after.devices()], [[ANA, { ...FACTS, name: 'Ana María', lastSeen: 7 }]]);
  t.like(after.totals(ANA), { indexId: 'aa', sequence: 3, files: 1 });
  t.deepEqual(after.get(ANA, parseRelativePath('a')), fileEntry('a', { sequence: 3 }));
});

test('nothing that was looked up of a device outlives it, or its index', (t) => {
  const { remote } = emptyStores();
  const a = fileEntry('a');
  remote.setDevice(ANA, FACTS);
  remote.put(ANA, { indexId: 'aa', fresh: false, until: 1, entries: [a] });
  t.is(remote.at(a.path).length, 1);
  remote.put(ANA, { indexId: 'bb', fresh: true, until: 1, entries: [fileEntry('b')] });
  t.deepEqual(remote.at(a.path), []);
  t.is(remote.get(ANA, a.path), undefined);
  t.like(remote.totals(ANA), { indexId: 'bb', entries: 1 });
  remote.forget(ANA);
  while (remote.sweep(10));
  remote.setDevice(LUIS, { ...FACTS, name: 'Luis' });
  t.like(remote.totals(LUIS), { indexId: '', entries: 0 });
  t.is(remote.get(LUIS, parseRelativePath('b')), undefined);
  t.deepEqual(remote.at(parseRelativePath('b')), []);
});

test('of few devices and of many, all are said that have a path', (t) => {
  const { remote } = emptyStores();
  const a = fileEntry('a');
  for (let one = 1; one <= 12; one += 1) {
    const device = deviceNamed(`device ${one}`);
    remote.setDevice(device, FACTS);
    if (one % 2 === 0) remote.put(device, { indexId: 'aa', fresh: false, until: 1, entries: [a] });
    t.is(remote.at(a.path).length, Math.floor(one / 2));
  }
});

/** Lets a device be inserted, and the transaction fail when it is to be committed, as on a disk that is full. */
function refuseDevices(database: Database): () => void {
  for (const sql of [
    'PRAGMA foreign_keys = ON',
    'CREATE TEMP TABLE present (id INTEGER PRIMARY KEY)',
    'CREATE TEMP TABLE wanted (id INTEGER REFERENCES present DEFERRABLE INITIALLY DEFERRED)',
    'CREATE TEMP TRIGGER refused AFTER INSERT ON device BEGIN INSERT INTO wanted VALUES (1); END',
  ])
    database.prepare(sql).run();
  return () => database.prepare('DROP TRIGGER refused').run();
}

test('what all that is stored takes is known, whatever is written, begun anew, forgotten and swept', (t) => {
  const entry = fc.record({
    path: fc.constantFrom('a', 'ñandú', 'b/c'),
    size: fc.constantFrom(0, 1000, 10 ** 7),
    kind: fc.constantFrom('file', 'link', 'tombstone'),
  });
  const step = fc.record({
    device: fc.constantFrom(ANA, LUIS),
    what: fc.constantFrom('put', 'put', 'put', 'anew', 'forget', 'sweep', 'refused'),
    entries: fc.array(entry, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const database = testDatabase();
      const remote = new RemoteStore(database, new EntryTable(database));
      let sequence = 0;
      for (const { device, what, entries } of steps) {
        if (what === 'forget') remote.forget(device);
        else if (what === 'sweep') remote.sweep(2);
        else {
          remote.setDevice(device, FACTS);
          const said = entries.map(({ path, size, kind }) => {
            sequence += 1;
            if (kind === 'tombstone') return tombstone(path, { sequence });
            if (kind === 'file') return fileEntry(path, { sequence, size });
            const link = { type: 'symlink', size: 0, target: 'año', hash: undefined } as const;
            return fileEntry(path, { sequence, ...link });
          });
          const part = { indexId: 'aa', fresh: what === 'anew', until: sequence, entries: said };
          const put = () =>
            remote.put(device, part, what === 'refused' ? { entries: 0, bytes: 0 } : undefined);
          if (what === 'refused' && remote.totals(device).entries + said.length > 0)
            t.throws(put, { instanceOf: QuotaExceeded });
          else put();
        }
        const sum = `SELECT coalesce(sum(${STORED_BYTES}), 0) FROM entry`;
        t.is(remote.stored, database.prepare(sum).row()![0] as number);
        const ofAna = remote.numberOf(ANA) ?? -1;
        const sumOfAna = database.prepare(`${sum} WHERE device = ?`).row(ofAna)![0] as number;
        t.is(remote.totals(ANA).stored, sumOfAna);
      }
      database.close();
    }),
    { numRuns: 200 },
  );
});

test('large entries are swept a few at a time', (t) => {
  const { remote } = emptyStores();
  remote.setDevice(ANA, FACTS);
  const large = (at: number) => fileEntry(`${at}`, { size: 2 ** 40, sequence: at + 1, content: 'x' });
  for (let at = 0; at < 6; at += 1)
    remote.put(ANA, { indexId: 'aa', fresh: false, until: at + 1, entries: [large(at)] });
  remote.forget(ANA);
  const before = remote.stored;
  remote.sweep(1000);
  t.true(remote.stored > 0);
  t.true(before - remote.stored < 8 * 1024 * 1024);
  while (remote.sweep(1000));
  t.is(remote.stored, 0);
});
