import test, { type ExecutionContext } from 'ava';
import { FakeClock } from '../support/fake-clock.ts';
import { rawSession } from '../support/raw-session.ts';
import { hello, RawPeer } from '../support/raw-peer.ts';
import { endOf, introduce, sessionOf, startSessions } from '../support/test-sessions.ts';
import { askFor, blockRequest, replyTo, wanted } from '../support/wanted-block.ts';
import { testIdentity } from '../support/test-identity.ts';

const MINUTE = 60_000;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets `ms` pass without the peer of `control` being taken for dead: it goes on saying something. */
async function pass(clock: FakeClock, control: RawPeer, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    const nonce = clock.monotonic();
    control.say({ type: 'ping', nonce });
    while (!control.heard.some((message) => message.type === 'pong' && message.nonce === nonce)) await turn();
    await clock.advance(Math.min(1000, left));
  }
}

/** Two that have a session and give each other zeros. Their clocks stand still: no connection takes too long to open. */
async function twoSessions(t: ExecutionContext) {
  const clock = new FakeClock();
  const [a, b] = [await startSessions(t, { clock }), await startSessions(t, { clock })];
  for (const { sessions } of [a, b]) {
    sessions.serveBlocks(async (_, blocks) => blocks.map(({ length }) => new Uint8Array(length)));
  }
  const met = Promise.all([sessionOf(a, b), sessionOf(b, a)]);
  introduce(a, b);
  await clock.advance(100);
  const [atA, atB] = await met;
  return { a, b, atA, atB };
}

test('PROTOCOL.md 5.11: what does not belong on a data connection ends that connection alone', async (t) => {
  const a = await startSessions(t);
  const { openData } = await rawSession(t, a);
  const data = await openData();
  data.say(replyTo({ id: 1 }, new Uint8Array(3)));
  t.deepEqual(await data.hear('goodbye'), { type: 'goodbye', reason: 'protocol-error' });
  await data.closed;
  t.is(a.sessions.sessions().length, 1);
  t.is(a.sessions.sessions()[0]!.connections.length, 1);
});

test('PROTOCOL.md 5.11: nor is anybody answered over a data connection that we have opened', async (t) => {
  const { a, b, atA: session, atB } = await twoSessions(t);
  a.sessions.serveBlocks(async (_, blocks) => blocks.map(() => 'not-found'));
  await askFor(session, wanted(3));
  const data = b.sessions.session(atB.device)!.connections[1]!;
  const end = new Promise((resolve) => data.events.once('closed', resolve));
  data.send(blockRequest(1, 3));
  t.is(await end, 'goodbye.protocol-error');
  t.is(a.sessions.sessions().length, 1);
});

test('PROTOCOL.md 5.9: a data connection that its opener has forgotten is closed after two minutes', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const { control, openData } = await rawSession(t, a);
  const data = await openData();
  await pass(clock, control, 2 * MINUTE - 1000);
  t.is(a.sessions.sessions()[0]!.connections.length, 2);
  await pass(clock, control, 2000);
  t.deepEqual(await data.hear('goodbye'), { type: 'goodbye', reason: 'idle' });
  t.is(a.sessions.sessions()[0]!.connections.length, 1);
});

test('PROTOCOL.md 5.9: one on which a request is being answered is not idle', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  let answer = () => {};
  a.sessions.serveBlocks(async (_, blocks) => {
    await new Promise<void>((resolve) => (answer = resolve));
    return blocks.map(() => 'not-found');
  });
  const { control, openData } = await rawSession(t, a);
  const data = await openData();
  data.say(blockRequest(1, 3));
  await pass(clock, control, 3 * MINUTE);
  answer();
  t.like(await data.hear('block-reply'), { id: 1, outcomes: ['not-found'] });
});

test('a request that is not answered for ten minutes is given up, and the session goes on', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  const { control, session } = await rawSession(t, a);
  const forgotten = askFor(session, wanted(3));
  let outcome: unknown;
  forgotten.catch((error: unknown) => (outcome = error));
  while (control.heard.every(({ type }) => type !== 'block-request')) await control.hearMore();
  // Others are answered meanwhile: the connection is not stuck.
  for (let second = 0; second < 600; second += 10) {
    t.is(outcome, undefined);
    const heard = control.heard.length;
    const other = askFor(session, wanted(5));
    let asked: (typeof control.heard)[number] | undefined;
    while (!(asked = control.heard.slice(heard).find(({ type }) => type === 'block-request'))) await turn();
    if (asked.type === 'block-request') control.say(replyTo(asked, new Uint8Array(5)));
    await other;
    await pass(clock, control, 10_000);
  }
  await t.throwsAsync(forgotten, { code: 'REQUEST_TIMED_OUT' });
  t.is(a.sessions.sessions().length, 1);
});

test('whoever asks whether a peer is there has an answer when the session ends meanwhile', async (t) => {
  const a = await startSessions(t, { clock: new FakeClock() });
  const { control, session } = await rawSession(t, a);
  const end = endOf(a, session);
  const probe = a.sessions.sessions()[0]!.probe();
  control.secure.socket.destroy();
  t.false(await probe);
  await end;
});

test('stopping ends the calls that wait for their answer, too', async (t) => {
  const a = await startSessions(t);
  const caller = await RawPeer.dial(t, a.sessions.localPort, testIdentity());
  caller.say(hello({ role: 'data' }));
  const silent = await RawPeer.dial(t, a.sessions.localPort, testIdentity());
  await a.sessions.stop();
  await Promise.all([caller.closed, silent.closed]);
  t.is(a.sessions.sessions().length, 0);
});

test('with a session its data connections end, those that we opened and those of the peer', async (t) => {
  const { a, atA, atB } = await twoSessions(t);
  await Promise.all([askFor(atA, wanted(3)), askFor(atB, wanted(3))]);
  const session = a.sessions.session(atA.device)!;
  const connections = session.connections;
  t.is(connections.length, 3);
  session.drop('test');
  t.true(connections.every(({ isClosed }) => isClosed));
});

test('a data connection on which nobody reads the answers for two minutes is given up', async (t) => {
  const clock = new FakeClock();
  const a = await startSessions(t, { clock });
  a.sessions.serveBlocks(async (_, blocks) => blocks.map(({ length }) => new Uint8Array(length)));
  const { control, openData } = await rawSession(t, a);
  const data = await openData();
  data.secure.socket.pause();
  const MIB = 1024 * 1024;
  data.say(blockRequest(1, 16 * MIB), blockRequest(2, 16 * MIB), blockRequest(3, 16 * MIB));
  await pass(clock, control, 119_000);
  t.is(a.sessions.sessions()[0]!.connections.length, 2);
  await pass(clock, control, 2_000);
  t.is(a.sessions.sessions()[0]!.connections.length, 1);
});

test('a data connection is not read from while what it has asked for waits', async (t) => {
  const a = await startSessions(t);
  a.sessions.serveBlocks(() => new Promise(() => {}));
  const { control, openData } = await rawSession(t, a);
  const data = await openData();
  const lengths = Array.from({ length: 256 }, () => 65_536);
  // Far more than the system keeps for both sides.
  for (let id = 0; id < 800; id += 1) data.say(blockRequest(id, ...lengths));
  for (let nonce = 0; nonce < 200; nonce += 1) {
    control.say({ type: 'ping', nonce });
    while (!control.heard.some((message) => message.type === 'pong' && message.nonce === nonce)) await turn();
  }
  t.true(data.secure.socket.writableLength > 0);
});

test('what was read for those who have gone meanwhile leaves its room to others', async (t) => {
  const a = await startSessions(t, { clock: new FakeClock() });
  const answers: (() => void)[] = [];
  a.sessions.serveBlocks(async (_, blocks) => {
    await new Promise<void>((resolve) => answers.push(resolve));
    return blocks.map(() => 'not-found');
  });
  const { openData } = await rawSession(t, a);
  const session = a.sessions.sessions()[0]!;
  const MIB = 1024 * 1024;
  // All of them have more than may be in memory.
  for (let gone = 1; gone <= 10; gone += 1) {
    const data = await openData();
    data.say(blockRequest(1, 16 * MIB), blockRequest(2, 16 * MIB));
    while (answers.length < 2) await turn();
    data.secure.socket.destroy();
    while (session.connections.length > 1) await turn();
    for (const answer of answers.splice(0)) answer();
  }
  const data = await openData();
  data.say(blockRequest(3, 16 * MIB));
  while (answers.length < 1) await turn();
  answers[0]!();
  t.like(await data.hear('block-reply'), { id: 3 });
});
