import test, { type ExecutionContext } from 'ava';
import { endOf, introduce, sessionOf, startSessions, type TestSessions } from '../support/test-sessions.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { hello, RawPeer } from '../support/raw-peer.ts';
import { testIdentities } from '../support/test-identity.ts';

/** Two sides, the one with the smaller id first. */
async function startPair(t: ExecutionContext): Promise<[smaller: TestSessions, larger: TestSessions]> {
  const [small, large] = testIdentities();
  return [await startSessions(t, { identity: small }), await startSessions(t, { identity: large })];
}

/** Waits until both sides have a session over the same connection. */
async function agreed(a: TestSessions, b: TestSessions): Promise<void> {
  while (portsOf(a, b) === undefined || portsOf(a, b) !== portsOf(b, a)) {
    await Promise.race([nextChange(a), nextChange(b)]);
  }
}

function nextChange({ sessions }: TestSessions): Promise<void> {
  return new Promise((resolve) => {
    sessions.events.once('connected', () => resolve());
    sessions.events.once('disconnected', () => resolve());
  });
}

/** The two ports of the control connection that `of` has with `to`, the same for both sides. */
function portsOf(of: TestSessions, to: TestSessions): string | undefined {
  const session = of.sessions.session(to.options.identity.device);
  if (!session) return undefined;
  const { secure } = session.control;
  return [secure.port, localPort(secure.socket)].sort().join('-');
}

function localPort(socket: object): number {
  return 'localPort' in socket ? Number(socket.localPort) : 0;
}

test('two that dial each other at the same moment end up with one and the same connection', async (t) => {
  for (let round = 0; round < 25; round++) {
    const [a, b] = await startPair(t);
    // Without an expected device nobody waits out of courtesy.
    for (const [from, to] of round % 2
      ? ([
          [a, b],
          [b, a],
        ] as const)
      : ([
          [b, a],
          [a, b],
        ] as const)) {
      introduce(from, to, false);
    }
    await agreed(a, b);
    t.is(a.sessions.sessions().length, 1);
    t.is(b.sessions.sessions().length, 1);
    await Promise.all([a.sessions.stop(), b.sessions.stop()]);
  }
});

test('many dials at once by several addresses make one session', async (t) => {
  const [a, b] = await startPair(t);
  for (const host of ['127.0.0.1', '127.0.0.2', '127.0.0.3', '::1']) {
    a.sessions.offer({ host, port: b.sessions.localPort, origin: 'told' });
    b.sessions.offer({ host, port: a.sessions.localPort, origin: 'told' });
  }
  await agreed(a, b);
  t.is(a.sessions.sessions().length, 1);
  t.is(b.sessions.sessions().length, 1);
});

for (const smallerCalls of [true, false]) {
  const who = smallerCalls ? 'smaller' : 'larger';

  test(`a second call by the ${who} one while its first lives: it has lost the first`, async (t) => {
    const [small, large] = testIdentities();
    const [own, other] = smallerCalls ? [large, small] : [small, large];
    const ours = await startSessions(t, { identity: own });
    const first = await RawPeer.meet(t, ours.sessions.localPort, other);
    // It does not answer pings on the first connection.
    await RawPeer.meet(t, ours.sessions.localPort, other);
    t.deepEqual(await first.hear('goodbye'), { type: 'goodbye', reason: 'duplicate' });
    t.is(ours.sessions.sessions().length, 1);
  });

  test(`a restarted ${who} one replaces what it was`, async (t) => {
    const [small, large] = testIdentities();
    const [own, other] = smallerCalls ? [large, small] : [small, large];
    const ours = await startSessions(t, { identity: own });
    await RawPeer.meet(t, ours.sessions.localPort, other);
    const session = ours.sessions.sessions()[0]!;
    const end = endOf(ours, session);
    await RawPeer.meet(t, ours.sessions.localPort, other, { instance: 'restarted' });
    t.is(await end, 'own.duplicate');
    t.is(ours.sessions.sessions().length, 1);
    t.not(ours.sessions.sessions()[0], session);
  });
}

test('a call of the larger one that has crossed ours is refused, and ours lives on', async (t) => {
  const [small, large] = testIdentities();
  // The first ping is the probe: without time there is no other.
  const ours = await startSessions(t, { identity: small, clock: new FakeClock() });
  const first = await RawPeer.meet(t, ours.sessions.localPort, large);
  const session = ours.sessions.sessions()[0]!;
  const crossing = await RawPeer.dial(t, ours.sessions.localPort, large);
  crossing.say(hello());
  const ping = await first.hear('ping');
  first.say({ type: 'pong', nonce: ping!.nonce });
  t.deepEqual(await crossing.hear('goodbye'), { type: 'goodbye', reason: 'duplicate' });
  t.is(ours.sessions.sessions()[0], session);
  t.false(first.secure.socket.destroyed);
});

test('a device does not connect to itself', async (t) => {
  const a = await startSessions(t);
  const peer = await RawPeer.dial(t, a.sessions.localPort, a.options.identity);
  peer.say(hello());
  await peer.closed;
  t.deepEqual(peer.heard, []);
  introduce(a, a, false);
  const b = await startSessions(t);
  introduce(a, b);
  await sessionOf(a, b);
  t.is(a.sessions.sessions().length, 1);
});

test('whoever the policy does not let in is told so', async (t) => {
  const a = await startSessions(t, { access: { allows: (caller) => caller.kind !== 'native' } });
  const peer = await RawPeer.dial(t, a.sessions.localPort);
  peer.say(hello());
  t.deepEqual(await peer.hear('goodbye'), { type: 'goodbye', reason: 'denied' });
  await peer.closed;
  t.deepEqual(a.sessions.sessions(), []);
});

test('a session that breaks is there again by itself', async (t) => {
  const [a, b] = await startPair(t);
  introduce(a, b);
  for (let round = 0; round < 3; round++) {
    const session = await sessionOf(a, b);
    const end = endOf(a, session);
    a.sessions.session(b.options.identity.device)!.drop('test');
    await end;
    await agreed(a, b);
  }
  t.pass();
});

test('a peer that was dialled by us and comes back elsewhere may call us instead', async (t) => {
  const [a, b] = await startPair(t);
  introduce(a, b);
  await agreed(a, b);
  await b.sessions.stop();
  const again = await startSessions(t, { identity: b.options.identity });
  introduce(again, a);
  await agreed(a, again);
  t.is(a.sessions.session(b.options.identity.device)?.port, again.sessions.localPort);
});
