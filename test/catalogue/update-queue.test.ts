import test from 'ava';
import { SLICE_ENTRIES } from '../../src/catalogue/update-queue.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { catalogueNode } from '../support/catalogue-node.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLink, FakeNetwork } from '../support/fake-network.ts';
import { knownPeer } from '../support/known-peer.ts';

const COUNT = 3.5 * SLICE_ENTRIES;
const LOUD = deviceNamed('loud');

function numbered(count: number, from = 1): FileEntry[] {
  return Array.from({ length: count }, (_, at) => fileEntry(`${at + from}`, { sequence: at + from }));
}

function loudPeer(node: Awaited<ReturnType<typeof catalogueNode>>) {
  const link = new FakeLink(node.network, new FakeNetwork(LOUD, 'loud'), { flowing: false });
  const send = (after: number, until: number, entries = numbered(until - after, after + 1)) => {
    link.right.send({ type: 'index-update', indexId: 'aa', after, until, entries });
    link.deliver(link.right, Infinity);
  };
  return { link, send };
}

test('an update of many entries is stored in slices, in its order, and others come in between', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const { link, send } = loudPeer(node);
  const sequence = () => node.catalogue.totals(LOUD).sequence;
  send(0, COUNT);
  t.true(link.left.isPaused);
  send(COUNT, COUNT + 1);
  t.is(sequence(), 0);

  const quiet = new FakeNetwork(deviceNamed('quiet'), 'quiet');
  const toQuiet = new FakeLink(node.network, quiet, { flowing: false });
  toQuiet.right.send({ type: 'index-update', indexId: 'bb', after: 0, until: 1, entries: numbered(1) });
  toQuiet.deliver(toQuiet.right, Infinity);

  const seen: [loud: number, quiet: number][] = [];
  node.catalogue.events.on('changed', () =>
    seen.push([sequence(), node.catalogue.totals(quiet.device).sequence]),
  );
  await clock.advance(0);
  t.deepEqual(seen, [
    [1000, 0],
    [1000, 1],
    [2000, 1],
    [3000, 1],
    [3501, 1],
  ]);
  t.false(link.left.isPaused);
  t.is(node.catalogue.totals(LOUD).entries, COUNT + 1);
  send(COUNT + 1, COUNT + 2);
  t.is(sequence(), COUNT + 2);
});

test('when one goes what waits of others is stored all the same, and nothing of it', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const { link, send } = loudPeer(node);
  const going = new FakeNetwork(deviceNamed('going'), 'going');
  const toGoing = new FakeLink(node.network, going, { flowing: false });
  send(0, COUNT);
  toGoing.right.send({ type: 'index-update', indexId: 'bb', after: 0, until: 1, entries: numbered(1) });
  toGoing.deliver(toGoing.right, Infinity);
  toGoing.end();
  await clock.advance(0);
  t.is(node.catalogue.totals(LOUD).entries, COUNT);
  t.false(link.left.isPaused);
  t.is(node.catalogue.totals(going.device).entries, 0);
});

test('of many small updates that come at once the first is stored at once, and the others together later', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const { link, send } = loudPeer(node);
  const seen: number[] = [];
  node.catalogue.events.on('changed', () => seen.push(node.catalogue.totals(LOUD).sequence));
  for (let after = 0; after < 1500; after += 1) send(after, after + 1);
  t.deepEqual(seen, [1]);
  t.true(link.left.isPaused);
  await clock.advance(0);
  t.deepEqual(seen, [1, 1001, 1500]);
  t.false(link.left.isPaused);
});

test('an index that begins anew again and again does so once in a turn', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const { send } = loudPeer(node);
  let count = 0;
  node.catalogue.events.on('changed', () => (count += 1));
  for (let time = 0; time < 100; time += 1) send(0, 2);
  t.is(count, 1);
  await clock.advance(0);
  t.is(count, 100);
});

test('what waits of a session that ends is asked for again by the next one', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const { link, send } = loudPeer(node);
  node.catalogue.events.once('changed', () => link.end());
  send(0, COUNT);
  await clock.advance(0);
  t.like(node.catalogue.totals(LOUD), { sequence: SLICE_ENTRIES, entries: SLICE_ENTRIES });
  const next = loudPeer(node);
  t.like(next.link.left.sent[0], { type: 'index-query', indexId: 'aa', after: SLICE_ENTRIES });
  next.send(SLICE_ENTRIES, COUNT);
  await clock.advance(0);
  t.like(node.catalogue.totals(LOUD), { sequence: COUNT, entries: COUNT });
});

test('sessions that send much take turns', async (t) => {
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const names = ['a', 'b', 'c'];
  const seen: string[] = [];
  node.catalogue.events.on('changed', (device) => seen.push(knownPeer(node.catalogue, device)!.name));
  for (const name of names) {
    const link = new FakeLink(node.network, new FakeNetwork(deviceNamed(name), name), { flowing: false });
    link.right.send({
      type: 'index-update',
      ...{ indexId: 'aa', after: 0, until: COUNT, entries: numbered(COUNT) },
    });
    link.deliver(link.right, Infinity);
  }
  await clock.advance(0);
  t.deepEqual(seen, [...names, ...names, ...names, ...names]);
});
