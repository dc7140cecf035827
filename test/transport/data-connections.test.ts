import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { FakeClock } from '../support/fake-clock.ts';
import { hello, RawPeer } from '../support/raw-peer.ts';
import { testIdentity } from '../support/test-identity.ts';
import { startSessions, type TestSessions } from '../support/test-sessions.ts';
import { askFor, blockRequest, eachBlock, replyTo, wanted } from '../support/wanted-block.ts';
import { rawSession } from '../support/raw-session.ts';

const MIB = 1024 * 1024;

test('a peer that cannot be called is asked over the control connection', async (t) => {
  const a = await startSessions(t);
  const { control, session } = await rawSession(t, a);
  const blocks = Promise.all([askFor(session, wanted(3)), askFor(session, wanted(MIB))]);
  const asked = await control.hear('block-request');
  t.is(asked?.blocks[0]?.length, 3);
  while (control.heard.filter(({ type }) => type === 'block-request').length < 2) await control.hearMore();
  for (const message of control.heard) {
    if (message.type !== 'block-request') continue;
    control.say(replyTo(message, new Uint8Array(message.blocks[0]!.length)));
  }
  t.deepEqual(
    (await blocks).map(({ length }) => length),
    [3, MIB],
  );
});

test('a peer behind a firewall is served over the control connection', async (t) => {
  const a = await startSessions(t);
  a.sessions.serveBlocks(eachBlock(async ({ length }) => new Uint8Array(length)));
  const { control } = await rawSession(t, a);
  control.say(blockRequest(1, 2 * MIB), blockRequest(2, 5));
  while (control.heard.filter(({ type }) => type === 'block-reply').length < 2) await control.hearMore();
  t.pass();
});

test('a data connection without a session is not served', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const data = await RawPeer.dial(t, a.sessions.localPort);
  data.say(hello({ role: 'data' }));
  // Its deadline has begun when its hello has been read.
  while (clock.pending !== 2 || data.secure.socket.writableLength > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await clock.advance(10_000);
  await data.closed;
  t.is(await data.hear('hello'), undefined);
});

/** A peer whose data connection comes before its session with `a`, which serves whatever is asked for. */
async function dataFirst(t: ExecutionContext, a: TestSessions) {
  a.sessions.serveBlocks(eachBlock(async ({ length }) => new Uint8Array(length)));
  const identity = testIdentity();
  const data = await RawPeer.dial(t, a.sessions.localPort, identity);
  data.say(hello({ role: 'data' }));
  const control = await RawPeer.dial(t, a.sessions.localPort, identity);
  control.say(hello());
  t.truthy(await data.hear('hello'));
  return { control, data };
}

test('a data connection may come before the session that it belongs to', async (t) => {
  const a = await startSessions(t);
  const { data } = await dataFirst(t, a);
  data.say(blockRequest(1, 7));
  t.is((await data.hear('block-reply'))?.bytes[0]?.length, 7);
});

test('a data connection that came before its session keeps its place', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const { control, data } = await dataFirst(t, a);
  // While the session is kept alive.
  for (let second = 0; second < 6; second++) {
    control.say({ type: 'ping', nonce: second });
    while (!control.heard.some((message) => message.type === 'pong' && message.nonce === second)) {
      await control.hearMore();
    }
    await clock.advance(1000);
  }
  data.say(blockRequest(1, 7));
  t.is((await data.hear('block-reply'))?.bytes[0]?.length, 7);
});

test('one peer has no more than eight data connections', async (t) => {
  const a = await startSessions(t);
  const { openData } = await rawSession(t, a);
  for (let count = 0; count < 8; count++) t.truthy((await openData()).heard.length);
  t.deepEqual(await (await openData()).hear('goodbye'), { type: 'goodbye', reason: 'denied' });
});

test('data connections that have their place do not keep others from the same address from calling', async (t) => {
  const a = await startSessions(t);
  for (let peers = 0; peers < 5; peers++) {
    const { openData } = await rawSession(t, a);
    for (let count = 0; count < 7; count++) t.truthy((await openData()).heard.length);
  }
  t.truthy((await rawSession(t, a)).session);
});

test('when data connections cannot be opened they are tried again after a while, and not waited for', async (t) => {
  const clock = new FakeClock();
  let calls = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    calls += 1;
    // The first call fails at once, the next one hangs as behind a firewall.
    if (calls === 1) socket.destroy();
    else t.teardown(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const a = await startSessions(t, { clock });
  const { control, session } = await rawSession(t, a, (server.address() as AddressInfo).port);
  const ask = async () => {
    const block = askFor(session, wanted(3));
    const before = control.heard.length;
    while (control.heard.length === before) await control.hearMore();
    const asked = control.heard.at(-1)!;
    if (asked.type === 'block-request') control.say(replyTo(asked, new Uint8Array(3)));
    await block;
  };
  await ask();
  await ask();
  t.is(calls, 1);
  clock.skip(30_000);
  const called = once(server, 'connection');
  await ask();
  await ask();
  await called;
  t.is(calls, 2);
});

test('a data connection that is slow to open is waited for a second and no longer', async (t) => {
  const clock = new FakeClock();
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const a = await startSessions(t, { clock });
  const { control, session } = await rawSession(t, a, (server.address() as AddressInfo).port);
  const asked = () => control.heard.filter(({ type }) => type === 'block-request').length;
  const heardBy = async (nonce: number) => {
    control.say({ type: 'ping', nonce });
    while (!control.heard.some((message) => message.type === 'pong' && message.nonce === nonce))
      await control.hearMore();
    return asked();
  };
  const first = askFor(session, wanted(3));
  await clock.advance(999);
  t.is(await heardBy(1), 0);
  await clock.advance(1);
  t.is(await heardBy(2), 1);
  const second = askFor(session, wanted(5));
  t.is(await heardBy(3), 2);
  control.secure.socket.destroy();
  await Promise.all([first, second].map((block) => t.throwsAsync(block, { message: /^CONNECTION_CLOSED/ })));
});
