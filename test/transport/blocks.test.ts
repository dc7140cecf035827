import test from 'ava';
import { FakeClock } from '../support/fake-clock.ts';
import { introduce, sessionOf, startSessions } from '../support/test-sessions.ts';
import { askFor, blockRequest, eachBlock, replyTo, wanted } from '../support/wanted-block.ts';
import { rawSession } from '../support/raw-session.ts';

const MIB = 1024 * 1024;

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
  for (let id = 0; id < 5_000; id++) data.say(blockRequest(id, MIB));
  // A second connection shows that all that could be answered has been.
  const other = await openData();
  other.say(blockRequest(1, 1));
  await other.hear('block-reply');
  t.true(asked <= 48 * MIB, `${asked}`);
  t.is(a.sessions.session(session.device), session as never);
  data.secure.socket.destroy();
  await data.closed;
  const last = await openData();
  last.say(blockRequest(1, 1));
  t.truthy(await last.hear('block-reply'));
});

test('a large block delays no small one', async (t) => {
  const [a, b] = [await startSessions(t), await startSessions(t)];
  introduce(a, b);
  const session = await sessionOf(a, b);
  let release = () => {};
  const isWaiting = new Promise<void>((waits) => {
    b.sessions.serveBlocks(
      eachBlock(async ({ length }) => {
        if (length > MIB) {
          await new Promise<void>((resolve) => {
            release = resolve;
            waits();
          });
        }
        return new Uint8Array(length);
      }),
    );
  });
  const large = askFor(session, wanted(4 * MIB));
  // The two take different connections: under load the small one may come first.
  await isWaiting;
  t.is((await askFor(session, wanted(10))).length, 10);
  release();
  t.is((await large).length, 4 * MIB);
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
  data.say(blockRequest(9, 1, 2, 3));
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
  for (let id = 0; id < 20; id += 1) control.say(blockRequest(id, ...lengths));
  const refused = (await control.hear('block-reply'))!;
  t.true(refused.outcomes.every((outcome) => outcome === 'busy'));
  release();
  t.true(refused.id >= 4);
});
