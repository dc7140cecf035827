import test from 'ava';
import type { SessionMessage } from '../../src/transport/network.ts';
import { callerFrom } from '../support/caller-from.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { testIdentity } from '../support/test-identity.ts';
import { endOf, introduce, sessionOf, startSessions } from '../support/test-sessions.ts';
import { askFor, eachBlock, wanted } from '../support/wanted-block.ts';

test('one offer makes a session that both sides see alike', async (t) => {
  const a = await startSessions(t, { name: () => 'aula' });
  const b = await startSessions(t);
  introduce(a, b);
  const [ab, ba] = await Promise.all([sessionOf(a, b), sessionOf(b, a)]);
  t.is(ab.device, b.options.identity.device);
  t.is(ba.device, a.options.identity.device);
  t.is(ab.name, 'taller');
  t.is(ba.name, 'aula');
  t.is(ab.host, '127.0.0.1');
  t.is(ab.port, b.sessions.localPort);
  t.is(ba.port, a.sessions.localPort);
});

test('messages travel both ways in order', async (t) => {
  const [a, b] = [await startSessions(t), await startSessions(t)];
  introduce(a, b, false);
  const [ab, ba] = await Promise.all([sessionOf(a, b), sessionOf(b, a)]);
  for (const [sender, receiver] of [
    [ab, b],
    [ba, a],
  ] as const) {
    const got: SessionMessage[] = [];
    const all = new Promise<void>((resolve) =>
      receiver.sessions.events.on('message', (_, message) => {
        if (got.push(message) === 200) resolve();
      }),
    );
    const sent = Array.from(
      { length: 200 },
      (_, after) => ({ type: 'index-query', indexId: '', after }) as const,
    );
    for (const message of sent) sender.send(message);
    await sender.drained();
    await all;
    t.deepEqual(got, sent);
  }
});

test('blocks are fetched both ways, many at a time, answered in any order', async (t) => {
  const [a, b] = [await startSessions(t), await startSessions(t)];
  introduce(a, b);
  const [ab, ba] = await Promise.all([sessionOf(a, b), sessionOf(b, a)]);
  for (const side of [a, b]) {
    const held: (() => void)[] = [];
    side.sessions.serveBlocks(
      eachBlock(async ({ offset, length }) => {
        // Answers come in pairs, the later request first.
        await new Promise<void>((resolve) => {
          held.push(resolve);
          if (held.length === 2) for (const release of held.splice(0).reverse()) release();
        });
        return new Uint8Array(length).fill(offset);
      }),
    );
  }
  for (const session of [ab, ba]) {
    const lengths = [1, 100_000, 262_144, 262_145, 1_000_000, 4_194_304, 16_777_216, 5, 70_000, 65_536];
    const blocks = await Promise.all(lengths.map((length, at) => askFor(session, wanted(length, at))));
    for (const [at, block] of blocks.entries()) {
      t.is(block.length, lengths[at]!);
      t.true(block.every((byte) => byte === at));
    }
  }
});

test('a refusal says why', async (t) => {
  const [a, b] = [await startSessions(t), await startSessions(t)];
  introduce(a, b);
  const session = await sessionOf(a, b);
  await t.throwsAsync(askFor(session, wanted(5)), { message: /REQUEST_REFUSED.*busy/ });
  b.sessions.serveBlocks(async () => ['denied']);
  await t.throwsAsync(askFor(session, wanted(5)), { message: /REQUEST_REFUSED.*denied/ });
  b.sessions.serveBlocks(async () => {
    throw new Error('no such luck');
  });
  await t.throwsAsync(askFor(session, wanted(5)), { message: /REQUEST_REFUSED.*failed/ });
  b.sessions.serveBlocks(async () => [new Uint8Array(4)]);
  await t.throwsAsync(askFor(session, wanted(5)), { message: /REQUEST_REFUSED.*changed/ });
});

test('stopping one side ends the session on the other at once', async (t) => {
  const [a, b] = [await startSessions(t), await startSessions(t)];
  introduce(a, b);
  const [ab] = await Promise.all([sessionOf(a, b), sessionOf(b, a)]);
  const end = endOf(a, ab);
  await b.sessions.stop();
  t.is(await end, 'goodbye.stopping');
  t.deepEqual(a.sessions.sessions(), []);
  t.is(a.logger.of('peer.disconnected')[0]?.fields['reason'], 'goodbye.stopping');
  // It is not the others who are gone then.
  t.deepEqual(b.logger.of('peer.disconnected'), []);
});

test('no more than 64 devices have a session from one address', async (t) => {
  const a = await startSessions(t, { clock: new FakeClock() });
  for (let at = 0; at < 64; at += 16) {
    await Promise.all(Array.from({ length: 16 }, () => RawPeer.meet(t, a.sessions.localPort)));
  }
  const another = await RawPeer.meet(t, a.sessions.localPort);
  t.is((await another.hear('goodbye'))?.reason, 'denied');
  t.is(a.sessions.sessions().length, 64);
  const elsewhere = await RawPeer.meet(t, await callerFrom(t, '127.0.1.1', a.sessions.localPort));
  elsewhere.say({ type: 'ping', nonce: 7 });
  t.is((await elsewhere.hear('pong'))?.nonce, 7);
});

test('256 devices have a session; another is denied, and one that is known may come again', async (t) => {
  const a = await startSessions(t, { clock: new FakeClock() });
  const identities = Array.from({ length: 256 }, () => testIdentity());
  for (let at = 0; at < identities.length; at += 16) {
    const some = identities.slice(at, at + 16);
    const port = await callerFrom(t, `127.0.1.${1 + Math.floor(at / 64)}`, a.sessions.localPort);
    await Promise.all(some.map((identity) => RawPeer.meet(t, port, identity)));
  }
  t.is(a.sessions.sessions().length, 256);
  const another = await RawPeer.meet(t, await callerFrom(t, '127.0.1.9', a.sessions.localPort));
  t.is((await another.hear('goodbye'))?.reason, 'denied');
  const again = await RawPeer.meet(t, a.sessions.localPort, identities[0], { instance: 'restarted' });
  again.say({ type: 'ping', nonce: 7 });
  t.is((await again.hear('pong'))?.nonce, 7);
  t.is(a.sessions.sessions().length, 256);
});

test('the policy decides about whom we call, too', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock, access: { allows: () => false } });
  const b = await startSessions(t);
  introduce(a, b);
  const told = () =>
    a.logger.events.filter(({ event }) => event === 'dial.failed' || event === 'peer.connected');
  await clock.advance(100);
  while (told().length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.like(told()[0], { event: 'dial.failed', fields: { reason: 'ACCESS_DENIED' } });
  t.deepEqual(a.sessions.sessions(), []);
});

test('who has another name is met anew, and by that name', async (t) => {
  let name = 'ana';
  const a = await startSessions(t, { name: () => name });
  const b = await startSessions(t);
  introduce(a, b);
  await sessionOf(a, b);
  t.is((await sessionOf(b, a)).name, 'ana');
  const again = new Promise<string>((resolve) => {
    b.sessions.events.on('connected', (session) => resolve(session.name));
  });
  name = 'zoe';
  a.sessions.reintroduce();
  t.is(await again, 'zoe');
});
