import test from 'ava';
import { catalogueNode } from '../support/catalogue-node.ts';
import { assertKnows, files, pair } from '../support/catalogue-pair.ts';
import { fileEntry } from '../support/entries.ts';
import { FakeLink } from '../support/fake-network.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { knownPeer } from '../support/known-peer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testDatabase } from '../support/test-database.ts';

test('of a peer with more entries than a device may have what fits is kept, and no more is asked for', async (t) => {
  const { clock, ana, luis } = await pair(t, { maxEntries: 20 });
  luis.index.put(...files(15));
  const link = new FakeLink(ana.network, luis.network);
  await clock.advance(100);
  t.is(link.left.closed, undefined);
  luis.index.put(...files(30).slice(15));
  const queries = () => link.left.sent.filter(({ type }) => type === 'index-query').length;
  await clock.advance(100);
  luis.index.put(...files(31).slice(30));
  await clock.advance(300_000);
  t.is(link.left.closed, undefined);
  t.is(ana.catalogue.totals(luis.network.device).entries, 15);
  t.is(queries(), 1);

  const anew = await catalogueNode('Luis', clock);
  t.teardown(() => anew.stop());
  anew.index.put(...files(10));
  link.end();
  new FakeLink(ana.network, anew.network);
  await clock.advance(100);
  assertKnows(t, ana, anew);
  anew.index.put(...files(12));
  await clock.advance(100);
  assertKnows(t, ana, anew);
});

test('what a peer says again of the same paths does not make them more', async (t) => {
  const { clock, ana, luis } = await pair(t, { maxEntries: 20 });
  const link = new FakeLink(ana.network, luis.network);
  for (const content of ['first', 'second', 'third']) {
    luis.index.put(...files(15, { mtimeUs: content.length }));
    await clock.advance(100);
    assertKnows(t, ana, luis);
  }
  t.is(link.left.closed, undefined);
});

test('of a peer whose entries take more room than those of a device may what fits is kept', async (t) => {
  const { clock, ana, luis } = await pair(t, { maxBytes: 100_000 });
  const link = new FakeLink(ana.network, luis.network);
  for (const time of [1, 2, 3]) {
    luis.index.put(fileEntry('large', { size: 2 ** 34, mtimeUs: time }));
    await clock.advance(100);
    assertKnows(t, ana, luis);
  }
  luis.index.put(fileEntry('larger', { size: 2 ** 36 }));
  await clock.advance(100);
  t.is(link.left.closed, undefined);
  t.is(ana.catalogue.totals(luis.network.device).entries, 1);
});

test('where all indexes take too much room, one that does not fit is asked for again until it does', async (t) => {
  const { clock, ana, luis } = await pair(t, { maxStored: 100_000 });
  const eva = await catalogueNode('Eva', clock);
  t.teardown(() => eva.stop());
  luis.index.put(fileEntry('large', { size: 2 ** 35 }));
  eva.index.put(fileEntry('large', { size: 2 ** 35 }));
  const toLuis = new FakeLink(ana.network, luis.network);
  await clock.advance(100);
  const toEva = new FakeLink(ana.network, eva.network);
  await clock.advance(60_000);
  t.is(toEva.left.closed, undefined);
  t.is(ana.catalogue.shortage, 'catalogue-full');
  t.is(ana.catalogue.totals(eva.network.device).entries, 0);
  assertKnows(t, ana, luis);
  toLuis.end();
  await clock.advance(60_000);
  assertKnows(t, ana, eva);
  t.is(knownPeer(ana.catalogue, luis.network.device), undefined);
});

test('what would leave too little free on the disk is not stored, and asked for again when there is room', async (t) => {
  const clock = new FakeClock();
  const database = testDatabase(await temporaryFolder(t));
  const ana = await catalogueNode('Ana', clock, { minFree: 2 ** 50 }, database);
  const luis = await catalogueNode('Luis', clock);
  t.teardown(() => Promise.all([ana.stop(), luis.stop()]));
  t.is(ana.catalogue.shortage, undefined);
  luis.index.put(...files(3000));
  const link = new FakeLink(ana.network, luis.network);
  const queries = () => link.left.sent.filter(({ type }) => type === 'index-query').length;
  await clock.advance(120_000);
  t.is(ana.catalogue.totals(luis.network.device).entries, 0);
  t.is(ana.catalogue.shortage, 'min-free');
  t.is(queries(), 1);
  t.is(link.left.closed, undefined);
  ana.catalogue.configure(0);
  t.is(ana.catalogue.shortage, undefined);
  await clock.advance(60_000);
  assertKnows(t, ana, luis);
});
