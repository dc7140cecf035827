import test from 'ava';
import { FileSearch } from '../../src/catalogue/file-search.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { RemoteStore } from '../../src/index/remote-store.ts';
import { RowReader } from '../../src/index/row-reader.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { testDatabase } from '../support/test-database.ts';

const ANA = deviceNamed('Ana');

function storeOf(count: number): { readonly rows: RowReader; readonly beginAnew: () => void } {
  const database = testDatabase();
  const remote = new RemoteStore(database, new EntryTable(database));
  remote.setDevice(ANA, { name: 'Ana', host: '192.0.2.1', port: 6000, lastSeen: 1 });
  const entries = Array.from({ length: count }, (_, at) =>
    fileEntry(`file ${at}`, { content: 'same', sequence: at + 1 }),
  );
  const beginAnew = () => remote.put(ANA, { indexId: 'aa', fresh: true, until: count, entries });
  beginAnew();
  return { rows: new RowReader(database), beginAnew };
}

test('names for which there is no room in memory are found all the same', async (t) => {
  const { rows } = storeOf(12_000);
  const roomy = new FileSearch(rows);
  const cramped = new FileSearch(rows, 1);
  for (const query of ['file 1', 'file 11999', '*99', 'nothing']) {
    const found = await cramped.find('files', query, Infinity);
    t.deepEqual(found, await roomy.find('files', query, Infinity));
    t.is(found.length > 0, query !== 'nothing');
  }
  t.is(roomy.names.count, 12_000);
  t.true(cramped.names.count > 0 && cramped.names.count < 12_000);
  t.false(cramped.readAhead());
});

test('a device that begins anew again and again does not fill the memory with its former names', async (t) => {
  const { rows, beginAnew } = storeOf(4000);
  const search = new FileSearch(rows);
  for (let time = 0; time < 10; time += 1) {
    beginAnew();
    while (search.readAhead());
    t.true(search.names.count <= 22_000, `${search.names.count}`);
  }
  t.is((await search.find('files', '', Infinity)).length, 4000);
});

test('while very many names are gone through, in memory or not, others have their turns', async (t) => {
  const { rows } = storeOf(60_000);
  for (const search of [new FileSearch(rows, 1), new FileSearch(rows)]) {
    let turns = 0;
    let over = false;
    const look = () => {
      turns += 1;
      if (!over) setImmediate(look);
    };
    setImmediate(look);
    t.is((await search.find('files', '*no such name*', Infinity)).length, 0);
    const ofNames = turns;
    t.is((await search.find('files', '', Infinity)).length, 60_000);
    over = true;
    t.true(ofNames >= 10, `${ofNames} turns`);
    t.true(turns - ofNames >= 100, `${turns - ofNames} turns`);
  }
});

test('what is read into memory while a search goes on is found once', async (t) => {
  const { rows } = storeOf(30_000);
  const search = new FileSearch(rows);
  const found = search.find('files', '', Infinity);
  const another = search.find('files', 'file', Infinity);
  while (search.readAhead()) await new Promise((resolve) => setImmediate(resolve));
  for (const files of [await found, await another]) {
    t.is(files.length, 30_000);
    t.true(files.every(({ devices }) => devices.length === 1));
  }
});
