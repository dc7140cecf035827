import test from 'ava';
import { BlockMap } from '../../src/transfer/block-map.ts';
import { Swarm } from '../../src/transfer/swarm.ts';
import type { Availability } from '../../src/wire/messages/message.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryCatalogue } from '../support/memory-catalogue.ts';
import { MemoryLan } from '../support/memory-lan.ts';

const us = deviceNamed('us');
const peer = deviceNamed('peer');
const file = (name: string) => {
  const entry = fileEntry(name);
  return { ...entry, hash: entry.hash! };
};

/** A swarm of ours on a network with one peer; `heard` is what that is told. */
async function setUp() {
  const lan = new MemoryLan();
  const network = lan.join(us, 'us');
  const theirs = lan.join(peer, 'peer');
  const clock = new FakeClock();
  const swarm = new Swarm({ network, catalogue: new MemoryCatalogue(), clock });
  await swarm.start();
  const heard: Availability[] = [];
  theirs.events.on('message', (_, message) => {
    if (message.type === 'availability') heard.push(message);
  });
  const say = async (name: string, have = Uint8Array.of(1)) => {
    const { path, hash } = file(name);
    theirs.session(us)!.send({ type: 'availability', path, hash, have });
    await Promise.resolve();
  };
  const join = (name: string) => {
    const content = file(name);
    const have = BlockMap.fromBytes(Uint8Array.of(0), 1);
    return swarm.join({ content, path: content.path, have, read: async () => new Uint8Array() });
  };
  const isSource = (name: string) => swarm.sources(file(name).hash, 1).length > 0;
  return { ...{ lan, swarm, clock, heard, say, join, isSource }, connect: () => lan.connect(us, peer) };
}

test('of each peer it is remembered what it has of so many files, the latest of which it told', async (t) => {
  const { connect, say, isSource } = await setUp();
  connect();
  for (let number = 0; number <= 64; number += 1) {
    await say(`${number}`);
    // The first is told of again and again.
    if (number < 64) await say('0');
  }
  t.false(isSource('1'));
  t.true(['0', '2', '64'].every(isSource));
});

test('what a peer has no more, or had when it left, is asked of nobody', async (t) => {
  const { lan, connect, say, isSource } = await setUp();
  connect();
  await say('file');
  t.true(isSource('file'));
  await say('file', new Uint8Array());
  t.false(isSource('file'));
  await say('file');
  lan.disconnect(us, peer);
  connect();
  t.false(isSource('file'));
});

test('who comes while something is received is told of it, and who takes part how it goes on and ends', async (t) => {
  const { clock, connect, heard, join, say, swarm } = await setUp();
  const leave = join('file');
  connect();
  await Promise.resolve();
  t.like(heard, [{ path: file('file').path, have: Uint8Array.of(0) }]);
  await say('file');
  await Promise.resolve();
  const { length } = heard;
  swarm.grown(file('file').hash);
  swarm.grown(file('file').hash);
  await clock.advance(100);
  t.is(heard.length, length + 1);
  leave();
  await Promise.resolve();
  t.is(heard.at(-1)!.have.length, 0);
});

test('stopping leaves neither a timer nor what was known', async (t) => {
  const { clock, connect, join, say, swarm, isSource } = await setUp();
  connect();
  join('file');
  await say('file');
  swarm.grown(file('file').hash);
  await swarm.stop();
  t.is(clock.pending, 0);
  t.is(swarm.find(file('file').hash), undefined);
  await say('other');
  t.false(isSource('other'));
});
