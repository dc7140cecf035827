import { once } from 'node:events';
import { fork } from 'node:child_process';
import test from 'ava';
import { encodeMessage } from '../../src/wire/codec.ts';
import { cuttableLink } from '../support/cuttable-link.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { endOf, introduce, sessionOf, startSessions } from '../support/test-sessions.ts';
import { askFor, eachBlock, wanted } from '../support/wanted-block.ts';

test('PROTOCOL.md 5.8: a peer that is silent for a second is pinged', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const peer = await RawPeer.meet(t, a.sessions.localPort);
  await clock.advance(999);
  t.false(peer.heard.some(({ type }) => type === 'ping'));
  await clock.advance(1);
  t.truthy(await peer.hear('ping'));
});

test('PROTOCOL.md 5.8: a peer that goes on sending and hears nothing for a second is pinged', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const peer = await RawPeer.meet(t, a.sessions.localPort);
  const { control } = a.sessions.sessions()[0]!;
  const [frame] = encodeMessage({ type: 'pong', nonce: 1 });
  // A message that takes so long that each of its bytes comes after half a second.
  for (const byte of frame!.subarray(0, 3)) {
    await clock.advance(500);
    const { lastReceived } = control;
    peer.sayBytes(Uint8Array.of(byte));
    while (control.lastReceived === lastReceived) await new Promise((resolve) => setImmediate(resolve));
  }
  t.truthy(await peer.hear('ping'));
});

test('PROTOCOL.md 5.8: a cut link is noticed after 3.5 s, and not before', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const b = await startSessions(t);
  const link = await cuttableLink(t, b.sessions.localPort);
  a.sessions.offer({ host: '127.0.0.1', port: link.port, origin: 'static' });
  const dialling = sessionOf(a, b);
  await clock.advance(0);
  const session = await dialling;
  link.cut();
  const end = endOf(a, session);
  await clock.advance(3_499);
  t.is(a.sessions.sessions().length, 1);
  await clock.advance(251);
  t.is(await end, 'silent');
});

test('a side that was busy or asleep itself does not take its peers for dead', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const peer = await RawPeer.meet(t, a.sessions.localPort);
  clock.skip(60_000);
  await clock.advance(250);
  t.is(a.sessions.sessions().length, 1);
  const ping = await peer.hear('ping');
  peer.say({ type: 'pong', nonce: ping!.nonce });
});

test('a peer that is not read from is not taken for silent, and is again once it is', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  await RawPeer.meet(t, a.sessions.localPort);
  const session = a.sessions.sessions()[0]!;
  session.pause();
  await clock.advance(60_000);
  t.is(a.sessions.sessions().length, 1);
  session.resume();
  const end = endOf(a, session);
  await clock.advance(3_750);
  t.is(await end, 'silent');
});

test('bytes on a data connection are a sign of life too', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const identity = (await startSessions(t)).options.identity;
  await RawPeer.meet(t, a.sessions.localPort, identity);
  const data = await RawPeer.meet(t, a.sessions.localPort, identity, { role: 'data' });
  for (let second = 0; second < 10; second++) {
    data.say({ type: 'ping', nonce: second });
    while (!data.heard.some((message) => message.type === 'pong' && message.nonce === second)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await clock.advance(1_000);
  }
  t.is(a.sessions.sessions().length, 1);
});

test('a killed peer is noticed by the closing of its connection', async (t) => {
  const a = await startSessions(t, { clock: new FakeClock() });
  const child = fork(new URL('../fixtures/session-peer.js', import.meta.url), [String(a.sessions.localPort)]);
  t.teardown(() => child.kill('SIGKILL'));
  const session = await new Promise<Parameters<typeof endOf>[1]>((resolve) =>
    a.sessions.events.once('connected', resolve),
  );
  const end = endOf(a, session);
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.true(['closed', 'ECONNRESET', 'EPIPE'].includes(await end));
});

test('a change of the network leaves sessions alone whose address is still there', async (t) => {
  const [a, b] = [await startSessions(t), await startSessions(t)];
  introduce(a, b);
  const session = await sessionOf(a, b);
  a.sessions.networkChanged(['192.0.2.1']);
  t.is(a.sessions.session(b.options.identity.device), session as never);
});

test('idle data connections are closed after a minute, the session stays', async (t) => {
  const clock = new FakeClock();
  const [a, b] = [await startSessions(t, { clock }), await startSessions(t)];
  introduce(b, a);
  const [session] = await Promise.all([sessionOf(a, b), sessionOf(b, a)]);
  b.sessions.serveBlocks(eachBlock(async ({ length }) => new Uint8Array(length)));
  await Promise.all([1, 1_000_000].map((length) => askFor(session, wanted(length))));
  const ours = a.sessions.session(session.device)!;
  t.is(ours.connections.length, 3);
  for (let second = 0; second < 61; second++) {
    const { lastReceived } = ours.control;
    await clock.advance(1_000);
    // The peer's answer to the ping.
    while (ours.control.lastReceived === lastReceived) await new Promise((resolve) => setImmediate(resolve));
  }
  t.is(ours.connections.length, 1);
  t.is((await askFor(session, wanted(3))).length, 3);
});
