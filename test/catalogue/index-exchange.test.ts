import test from 'ava';
import { COALESCE_MS, NO_NEWS_MS, type IndexExchangeParts } from '../../src/catalogue/index-exchange.ts';
import { MAX_SENT_BYTES, MAX_SENT_ENTRIES } from '../../src/catalogue/index-sender.ts';
import { SqliteError } from '../../src/index/sqlite.ts';
import { MAX_COUNTERS } from '../../src/model/version-vector.ts';
import { decodeFrame, encodeMessage } from '../../src/wire/codec.ts';
import { FRAME_HEADER_BYTES } from '../../src/wire/limits.ts';
import { fileEntryBytes } from '../../src/wire/file-entry-codec.ts';
import type { IndexUpdate } from '../../src/wire/messages/message.ts';
import { catalogueNode } from '../support/catalogue-node.ts';
import { assertKnows, files, pair } from '../support/catalogue-pair.ts';
import { deviceNamed, fileEntry, tombstone } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLink, FakeNetwork, type FakeSession } from '../support/fake-network.ts';

function updates(session: FakeSession): IndexUpdate[] {
  return session.sent.filter((message) => message.type === 'index-update');
}

test('two that meet learn all that the other has', async (t) => {
  const { clock, ana, luis } = await pair(t);
  ana.index.put(...files(2500), tombstone('gone'));
  luis.index.put(fileEntry('only here'));
  new FakeLink(ana.network, luis.network);
  await clock.advance(0);
  assertKnows(t, luis, ana);
  assertKnows(t, ana, luis);
});

test('a peer whose index cannot be looked up is asked when it can be', async (t) => {
  const { clock, ana, luis } = await pair(t);
  luis.index.put(fileEntry('file'));
  const totals = ana.catalogue.totals.bind(ana.catalogue);
  ana.catalogue.totals = () => {
    throw new SqliteError('SQLITE_IOERR_READ', 'disk I/O error');
  };
  new FakeLink(ana.network, luis.network);
  await clock.advance(60_000);
  ana.catalogue.totals = totals;
  await clock.advance(60_000);
  assertKnows(t, ana, luis);
});

test('what nobody could decode as one update is sent as several', async (t) => {
  const { clock, ana, luis } = await pair(t);
  const version = (file: number) =>
    Array.from({ length: MAX_COUNTERS }, (_, at) => ({
      device: deviceNamed(`${file} ${at}`),
      value: 1,
    })).sort((a, b) => (a.device < b.device ? -1 : 1));
  ana.index.put(...[1, 2, 3, 4, 5].map((file) => fileEntry(`file ${file}`, { version: version(file) })));
  const link = new FakeLink(ana.network, luis.network);
  await clock.advance(0);
  for (const update of updates(link.left)) {
    const frame = Buffer.concat(encodeMessage(update));
    const decoded = decodeFrame(frame[FRAME_HEADER_BYTES - 1]!, frame.subarray(FRAME_HEADER_BYTES));
    t.like(decoded, { type: 'index-update', after: update.after, until: update.until });
  }
  assertKnows(t, luis, ana);
});

test('a change is pushed at once, and those that follow together within 20 ms', async (t) => {
  const { clock, ana, luis } = await pair(t);
  const link = new FakeLink(ana.network, luis.network);
  await clock.advance(1000);
  const before = updates(link.left).length;
  const told: string[][] = [];
  luis.catalogue.events.on('changed', (device, entries) => {
    t.is(device, ana.network.device);
    told.push(entries.map(({ path }) => path));
  });
  ana.index.put(fileEntry('first'));
  await clock.advance(0);
  t.deepEqual(told, [['first']]);
  ana.index.put(fileEntry('second'));
  ana.index.put(fileEntry('third'));
  await clock.advance(20);
  t.deepEqual(told, [['first'], ['second', 'third']]);
  t.is(updates(link.left).length, before + 2);
  assertKnows(t, luis, ana);
});

test('a peer is told within 5 s that we have what it made itself, and others at once', async (t) => {
  const { clock, ana, luis } = await pair(t);
  const eva = await catalogueNode('Eva', clock);
  t.teardown(() => eva.stop());
  const toLuis = new FakeLink(ana.network, luis.network);
  new FakeLink(ana.network, eva.network);
  await clock.advance(1000);
  const before = updates(toLuis.left).length;
  const version = [{ device: luis.network.device, value: 7 }];
  ana.index.put(fileEntry('made by Luis', { version }));
  await clock.advance(COALESCE_MS);
  assertKnows(t, eva, ana);
  t.is(updates(toLuis.left).length, before);
  await clock.advance(NO_NEWS_MS - COALESCE_MS);
  assertKnows(t, luis, ana);
});

test('news brings with it what is no news', async (t) => {
  const { clock, ana, luis } = await pair(t);
  new FakeLink(ana.network, luis.network);
  await clock.advance(1000);
  const made = { device: luis.network.device, value: 7 };
  ana.index.put(fileEntry('made by Luis', { version: [made] }));
  ana.index.put(
    fileEntry('edited here', { version: [made, { device: ana.network.device, value: 8 }] }),
    fileEntry('also made by Luis', { version: [made] }),
  );
  await clock.advance(COALESCE_MS);
  assertKnows(t, luis, ana);
});

test('a long index goes in parts that are small and wait for the line', async (t) => {
  const { clock, ana, luis } = await pair(t);
  ana.index.put(...files(2500), ...files(40, { size: 10 ** 8 }), fileEntry('huge', { size: 2 ** 38 }));
  ana.index.put(...files(100, { size: 10 ** 8 }));
  const link = new FakeLink(ana.network, luis.network, { flowing: false });
  link.deliver(link.right, Infinity);
  await clock.advance(0);
  let position = 0;
  for (let round = 0; link.pending(link.left) > 0 && round < 100; round += 1) {
    t.true(link.pending(link.left) <= 2, 'the query and one update');
    link.deliver(link.left, Infinity);
    await clock.advance(0);
  }
  for (const { after, until, entries } of updates(link.left)) {
    t.is(after, position);
    position = until;
    const bytes = entries.reduce((sum, entry) => sum + fileEntryBytes(entry), 0);
    t.true(entries.length === 1 || (entries.length <= MAX_SENT_ENTRIES && bytes <= MAX_SENT_BYTES));
  }
  assertKnows(t, luis, ana);
});

test('what changes during a long index arrives in its place', async (t) => {
  const { clock, ana, luis } = await pair(t);
  ana.index.put(...files(3000));
  const link = new FakeLink(ana.network, luis.network, { flowing: false });
  link.deliver(link.right, Infinity);
  await clock.advance(0);
  link.deliver(link.left, Infinity);
  ana.index.put(fileEntry('file 0', { content: 'changed' }), tombstone('file 2999'), fileEntry('late'));
  link.flow();
  await clock.advance(100);
  assertKnows(t, luis, ana);
});

test('a peer that comes back is told only what it does not know', async (t) => {
  const { clock, ana, luis } = await pair(t);
  ana.index.put(...files(10));
  const first = new FakeLink(ana.network, luis.network);
  await clock.advance(0);
  first.end();
  ana.index.put(fileEntry('file 3', { content: 'changed' }));
  const second = new FakeLink(ana.network, luis.network);
  await clock.advance(0);
  t.deepEqual(
    updates(second.left).map(({ after, entries }) => [after, entries.length]),
    [[10, 1]],
  );
  assertKnows(t, luis, ana);
});

test('an index that was made anew replaces what was known', async (t) => {
  const { clock, ana, luis } = await pair(t);
  ana.index.put(...files(10));
  const link = new FakeLink(ana.network, luis.network);
  await clock.advance(0);
  link.end();
  const reborn = await catalogueNode('Ana', clock);
  t.teardown(() => reborn.stop());
  reborn.index.put(fileEntry('file 1'), fileEntry('other'));
  new FakeLink(reborn.network, luis.network);
  await clock.advance(0);
  assertKnows(t, luis, reborn);
  t.is([...luis.catalogue.entries()].length, 2);
});

test('an index that went back to an earlier state is told again from its beginning', async (t) => {
  const { clock, ana, luis } = await pair(t);
  ana.index.put(...files(10));
  const link = new FakeLink(ana.network, luis.network);
  await clock.advance(0);
  luis.catalogue.put(ana.network.device, {
    indexId: ana.index.indexId,
    fresh: false,
    until: 99,
    entries: [fileEntry('from the future', { sequence: 99 })],
  });
  link.end();
  new FakeLink(ana.network, luis.network);
  await clock.advance(0);
  assertKnows(t, luis, ana);
});

test('an update of a new index that is not its beginning is asked for again', async (t) => {
  const { clock, ana, luis } = await pair(t);
  ana.index.put(...files(10));
  const link = new FakeLink(ana.network, luis.network);
  await clock.advance(0);
  const update = { indexId: 'f'.repeat(16), after: 5, until: 6, entries: [fileEntry('x', { sequence: 6 })] };
  link.left.send({ type: 'index-update', ...update });
  await clock.advance(0);
  // The answer is from the index that there really is.
  assertKnows(t, luis, ana);
  t.is(link.right.closed, undefined);
});

test('a lost update is noticed with the next one, and at the latest with the next reconciliation', async (t) => {
  const { clock, ana, luis } = await pair(t);
  const link = new FakeLink(ana.network, luis.network);
  await clock.advance(1000);
  link.hold();
  ana.index.put(fileEntry('lost'));
  link.lose(link.left);
  link.flow();
  await clock.advance(25);
  ana.index.put(fileEntry('next'));
  await clock.advance(25);
  assertKnows(t, luis, ana);

  link.hold();
  ana.index.put(fileEntry('lost again'));
  link.lose(link.left);
  link.flow();
  await clock.advance(60_000);
  assertKnows(t, luis, ana);
});

test('many updates after a gap cause one question', async (t) => {
  const { clock, ana, luis } = await pair(t);
  const link = new FakeLink(ana.network, luis.network);
  await clock.advance(1000);
  const asked = () => link.right.sent.filter(({ type }) => type === 'index-query').length;
  const before = asked();
  link.hold();
  for (let at = 1; at <= 50; at += 1) {
    const indexId = ana.index.indexId;
    link.left.send({ type: 'index-update', indexId, after: at, until: at + 1, entries: [] });
  }
  link.deliver(link.left, Infinity);
  t.is(asked(), before + 1);
});

test('while the disk is full a peer is not asked over and over, and afterwards all is there', async (t) => {
  const { clock, ana, luis } = await pair(t);
  ana.index.put(...files(5000));
  luis.database.prepare('PRAGMA max_page_count = 1').row();
  const link = new FakeLink(ana.network, luis.network);
  const queries = () => link.right.sent.filter(({ type }) => type === 'index-query').length;
  await clock.advance(29_000);
  t.is(queries(), 1);
  await clock.advance(120_000);
  t.true(queries() <= 6);
  t.true(luis.catalogue.totals(ana.network.device).entries < 5000);
  t.is(link.right.closed, undefined);
  luis.database.prepare('PRAGMA max_page_count = 1000000').row();
  await clock.advance(60_000);
  assertKnows(t, luis, ana);
});

test('a policy decides entry by entry what a peer is told, and the sequence stays without gaps', async (t) => {
  const access = { allows: (_: unknown, action: { path?: string }) => !action.path?.startsWith('secret') };
  const { clock, ana, luis } = await pair(t, { access: access as IndexExchangeParts['access'] });
  ana.index.put(fileEntry('open'), fileEntry('secret'), fileEntry('secret too'));
  new FakeLink(ana.network, luis.network);
  await clock.advance(0);
  t.deepEqual(
    [...luis.catalogue.entries()].map(({ entry }) => entry.path as string),
    ['open'],
  );
  t.is(luis.catalogue.totals(ana.network.device).sequence, 3);
});

test('after it is stopped nothing is left that could wake it', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  const link = new FakeLink(node.network, new FakeNetwork(deviceNamed('Ana'), 'Ana'));
  node.index.put(fileEntry('a', { version: [{ device: deviceNamed('Ana'), value: 1 }] }));
  node.index.put(fileEntry('b'));
  node.index.put(fileEntry('c'));
  await node.exchange.stop();
  await node.exchange.stop();
  await node.catalogue.stop();
  t.is(clock.pending, 0);
  const sent = link.left.sent.length;
  node.index.put(fileEntry('d'));
  link.right.send({ type: 'index-query', indexId: '', after: 0 });
  await clock.advance(100_000);
  t.is(link.left.sent.length, sent);
  node.database.close();
});
