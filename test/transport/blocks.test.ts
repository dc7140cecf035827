import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { BlockRequest } from '../../src/wire/messages/message.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { hello, RawPeer } from '../support/raw-peer.ts';
import { testIdentity } from '../support/test-identity.ts';
import { introduce, sessionOf, startSessions, type TestSessions } from '../support/test-sessions.ts';
import { askFor, eachBlock, replyTo, wanted } from '../support/wanted-block.ts';

const MIB = 1024 * 1024;
const request = (id: number, ...lengths: number[]): BlockRequest => ({
  type: 'block-request',
  id,
  blocks: lengths.map((length) => wanted(length)),
  compare: false,
});

/** A peer with a control connection to `to` that listens on `port`, and a data connection of its own. */
async function rawSession(t: ExecutionContext, to: TestSessions, port = 1) {
  const identity = testIdentity();
  const control = await RawPeer.meet(t, to.sessions.localPort, identity, { port });
  const session = to.sessions.session(identity.device)!;
  const openData = async () => {
    const data = await RawPeer.dial(t, to.sessions.localPort, identity);
    data.say(hello({ role: 'data' }));
    await data.hear('hello');
    return data;
  };
  return { control, session, openData, identity };
}

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
  control.say(request(1, 2 * MIB), request(2, 5));
  while (control.heard.filter(({ type }) => type === 'block-reply').length < 2) await control.hearMore();
  t.pass();
});

test('a reply of another length than asked for ends the connection', async (t) => {
  const a = await startSessions(t);
  const { control, session } = await rawSession(t, a);
  const block = askFor(session, wanted(3));
  const { id } = (await control.hear('block-request'))!;
  control.say(replyTo({ id }, new Uint8Array(4)));
  await t.throwsAsync(block, { message: /^MESSAGE_INVALID/ });
  t.deepEqual(await control.hear('goodbye'), { type: 'goodbye', reason: 'protocol-error' });
  t.deepEqual(a.sessions.sessions(), []);
});

test('PROTOCOL.md 5.10: an answer that is not waited for is ignored', async (t) => {
  const a = await startSessions(t);
  const { control, session } = await rawSession(t, a);
  const block = askFor(session, wanted(3));
  const { id } = (await control.hear('block-request'))!;
  control.say(replyTo({ id: id + 1 }, new Uint8Array(5)));
  control.say({ type: 'block-reply', id: id + 2, outcomes: ['failed'], bytes: [] });
  control.say(replyTo({ id }, new Uint8Array(3)), replyTo({ id }, new Uint8Array(3)));
  t.is((await block).length, 3);
  control.say({ type: 'ping', nonce: 5 });
  t.deepEqual(await control.hear('pong'), { type: 'pong', nonce: 5 });
});

test('requests fail when the connection ends, at once', async (t) => {
  const a = await startSessions(t);
  const { control, session } = await rawSession(t, a);
  const block = askFor(session, wanted(3));
  await control.hear('block-request');
  control.secure.socket.destroy();
  await t.throwsAsync(block, { message: /^CONNECTION_CLOSED/ });
  await t.throwsAsync(askFor(session, wanted(3)), { message: /^CONNECTION_CLOSED/ });
});

test('a peer that answers pings but no request is given up after 15 s', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const { control, session } = await rawSession(t, a);
  const block = askFor(session, wanted(3));
  await control.hear('block-request');
  for (let second = 0; second < 14; second++) {
    await clock.advance(1_000);
    control.say({ type: 'ping', nonce: second });
    await control.hearMore();
  }
  t.is(a.sessions.sessions().length, 1);
  await clock.advance(1_000);
  await t.throwsAsync(block, { message: /^REQUEST_TIMED_OUT/ });
});

test('who asks for more than it reads holds no more than so much of our memory', async (t) => {
  const a = await startSessions(t);
  let asked = 0;
  a.sessions.serveBlocks(
    eachBlock(async ({ length }) => {
      asked += length;
      return new Uint8Array(length);
    }),
  );
  const { openData, session } = await rawSession(t, a);
  const data = await openData();
  data.secure.socket.pause();
  for (let id = 0; id < 5_000; id++) data.say(request(id, MIB));
  // A second connection shows that all that could be answered has been.
  const other = await openData();
  other.say(request(1, 1));
  await other.hear('block-reply');
  t.true(asked <= 48 * MIB, `${asked}`);
  t.is(a.sessions.session(session.device), session as never);
  data.secure.socket.destroy();
  await data.closed;
  const last = await openData();
  last.say(request(1, 1));
  t.truthy(await last.hear('block-reply'));
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

test('a data connection may come before the session that it belongs to', async (t) => {
  const a = await startSessions(t);
  a.sessions.serveBlocks(eachBlock(async ({ length }) => new Uint8Array(length)));
  const identity = testIdentity();
  const data = await RawPeer.dial(t, a.sessions.localPort, identity);
  data.say(hello({ role: 'data' }));
  const control = await RawPeer.dial(t, a.sessions.localPort, identity);
  control.say(hello());
  t.truthy(await data.hear('hello'));
  data.say(request(1, 7));
  t.is((await data.hear('block-reply'))?.bytes[0]?.length, 7);
});

test('one peer has no more than eight data connections', async (t) => {
  const a = await startSessions(t);
  const { openData } = await rawSession(t, a);
  for (let count = 0; count < 8; count++) t.truthy((await openData()).heard.length);
  t.deepEqual(await (await openData()).hear('goodbye'), { type: 'goodbye', reason: 'denied' });
});

test('a large block delays no small one', async (t) => {
  const [a, b] = [await startSessions(t), await startSessions(t)];
  introduce(a, b);
  const session = await sessionOf(a, b);
  let release = () => {};
  b.sessions.serveBlocks(
    eachBlock(async ({ length }) => {
      if (length > MIB) await new Promise<void>((resolve) => (release = resolve));
      return new Uint8Array(length);
    }),
  );
  const large = askFor(session, wanted(4 * MIB));
  t.is((await askFor(session, wanted(10))).length, 10);
  release();
  t.is((await large).length, 4 * MIB);
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

test('many blocks are asked for with one request, and each is answered', async (t) => {
  const a = await startSessions(t);
  const { control, session } = await rawSession(t, a);
  const answers = session.requestBlocks([3, 5, 7, 2].map((length) => wanted(length)));
  const { id, blocks } = (await control.hear('block-request'))!;
  t.deepEqual(
    blocks.map(({ length }) => length),
    [3, 5, 7, 2],
  );
  const bytes = [Buffer.from('one'), Buffer.from('seven..')];
  control.say({ type: 'block-reply', id, outcomes: ['sent', 'changed', 'sent', 'busy'], bytes });
  t.deepEqual(
    (await answers).map((answer) => (typeof answer === 'string' ? answer : Buffer.from(answer).toString())),
    ['one', 'changed', 'seven..', 'busy'],
  );
});

for (const [what, outcomes, length] of [
  ['fewer outcomes than blocks', ['sent'], 3],
  ['more outcomes than blocks', ['sent', 'sent', 'sent'], 8],
  ['fewer bytes than it says', ['sent', 'sent'], 7],
  ['more bytes than it says', ['sent', 'failed'], 8],
  ['no bytes at all', ['sent', 'sent'], 0],
  ['bytes of nothing', ['failed', 'failed'], 1],
] as const) {
  test(`PROTOCOL.md 4.11: a reply with ${what} ends the connection`, async (t) => {
    const a = await startSessions(t);
    const { control, session } = await rawSession(t, a);
    const answers = session.requestBlocks([wanted(3), wanted(5)]);
    const { id } = (await control.hear('block-request'))!;
    const bytes = length > 0 ? [new Uint8Array(length)] : [];
    control.say({ type: 'block-reply', id, outcomes, bytes });
    await t.throwsAsync(answers, { message: /^MESSAGE_INVALID/ });
    t.deepEqual(await control.hear('goodbye'), { type: 'goodbye', reason: 'protocol-error' });
  });
}

test('what several blocks of a request have become is told in one reply', async (t) => {
  const a = await startSessions(t);
  a.sessions.serveBlocks(async (_, blocks) =>
    blocks.map(({ length }) => (length === 2 ? 'denied' : new Uint8Array(length).fill(length))),
  );
  const { openData } = await rawSession(t, a);
  const data = await openData();
  data.say(request(9, 1, 2, 3));
  const reply = (await data.hear('block-reply'))!;
  t.like(reply, { id: 9, outcomes: ['sent', 'denied', 'sent'] });
  t.deepEqual([...Buffer.concat(reply.bytes)], [1, 3, 3, 3]);
});

test('a control connection keeps only so many blocks waiting', async (t) => {
  const a = await startSessions(t);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  a.sessions.serveBlocks(async (_, blocks) => {
    await held;
    return blocks.map(() => 'not-found');
  });
  const { control } = await rawSession(t, a);
  const lengths = Array.from({ length: 256 }, () => 1);
  for (let id = 0; id < 20; id += 1) control.say(request(id, ...lengths));
  const refused = (await control.hear('block-reply'))!;
  t.true(refused.outcomes.every((outcome) => outcome === 'busy'));
  release();
  t.true(refused.id >= 4);
});
