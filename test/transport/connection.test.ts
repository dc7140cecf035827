import type { Duplex } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import type { DeviceId } from '../../src/model/device-id.ts';
import { Connection, type Introduction } from '../../src/transport/connection.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import type { Hello, Message } from '../../src/wire/messages/message.ts';
import { arbitraryMessage } from '../support/arbitrary-messages.ts';
import { duplexPair } from '../support/duplex-pair.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { plain } from '../support/plain-values.ts';
import { hello } from '../support/raw-peer.ts';
import { PROTOCOL_VERSIONS } from '../../src/wire/negotiation.ts';
import { replyTo } from '../support/wanted-block.ts';

const introduction: Introduction = { instance: 'i', name: 'n', agent: 'a', port: 6000 };

function connect(role?: Hello['role']) {
  const [socket, other] = duplexPair();
  const clock = new FakeClock();
  const secure = {
    ...{ socket, device: 'A' as DeviceId, address: '::1', port: 1, localAddress: '::1', dialled: !!role },
    receive: (listener: (chunk: Uint8Array) => void) => void socket.on('data', listener),
  };
  const connection = new Connection(secure, introduction, clock, role);
  const heard: Message[] = [];
  const ends: string[] = [];
  let hellos = 0;
  connection.events.on('message', (message) => heard.push(message));
  connection.events.on('hello', () => {
    hellos += 1;
    if (!role) connection.accept();
  });
  connection.events.on('closed', (reason, cause) => ends.push(cause ? 'internal' : reason));
  connection.start();
  other.on('error', () => {}).resume();
  return { connection, other, clock, heard, ends, hellos: () => hellos };
}

const bytesOf = (...messages: readonly Message[]): Buffer => Buffer.concat(messages.flatMap(encodeMessage));

/** Lets what was written arrive. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function tell(other: Duplex, ...messages: readonly Message[]): Promise<void> {
  other.write(bytesOf(...messages));
  await settle();
}

test('PROTOCOL.md 5.2: whoever is called answers the hello with the same role', async (t) => {
  for (const role of ['control', 'data'] as const) {
    const { other, hellos } = connect();
    const answer = new Promise<Buffer>((resolve) => other.once('data', resolve));
    other.write(bytesOf(hello({ role })));
    const expected = {
      type: 'hello',
      versions: PROTOCOL_VERSIONS,
      features: [],
      role,
      ...introduction,
    } as const;
    t.deepEqual(await answer, bytesOf(expected));
    t.is(hellos(), 1);
  }
});

test('a socket that fails ends the connection, with the code of the system if there is one', (t) => {
  for (const [error, reason] of [
    [Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'ECONNRESET'],
    [new Error('something else'), 'failed'],
  ] as const) {
    const { connection, ends } = connect('control');
    connection.secure.socket.emit('error', error);
    t.deepEqual(ends, [reason]);
    t.true(connection.secure.socket.destroyed);
  }
});

test('PROTOCOL.md 5.2: nothing goes before the hello, and no second hello', async (t) => {
  const first = connect();
  await tell(first.other, { type: 'ping', nonce: 1 });
  t.deepEqual(first.ends, ['own.protocol-error.ping']);
  const second = connect();
  await tell(second.other, hello(), hello());
  t.deepEqual(second.ends, ['own.protocol-error.hello']);
  const answered = connect('control');
  await tell(answered.other, hello({ role: 'data' }));
  t.deepEqual(answered.ends, ['own.protocol-error.hello']);
});

test('PROTOCOL.md 5.2: a hello that does not come within five seconds ends the connection', async (t) => {
  for (const role of ['control', undefined] as const) {
    const { clock, ends, connection } = connect(role);
    await clock.advance(4_999);
    t.deepEqual(ends, []);
    await clock.advance(1);
    t.deepEqual(ends, ['hello-timed-out']);
    await connection.finished;
  }
});

test('PROTOCOL.md 5.4: without a common version there is no connection', async (t) => {
  const { other, ends } = connect();
  const answer = new Promise<Buffer>((resolve) => other.once('data', resolve));
  other.write(bytesOf(hello({ versions: { lowest: 4, highest: 9 } })));
  t.deepEqual(await answer, bytesOf({ type: 'goodbye', reason: 'incompatible' }));
  t.deepEqual(ends, ['own.incompatible']);
  const newer = connect();
  await tell(newer.other, hello({ versions: { lowest: 1, highest: 9 } }));
  t.deepEqual(newer.ends, []);
});

test('PROTOCOL.md 4.4: a ping is answered with its number', async (t) => {
  const { other } = connect();
  await tell(other, hello());
  const answer = new Promise<Buffer>((resolve) => other.once('data', resolve));
  await tell(other, { type: 'ping', nonce: 77 });
  t.deepEqual(await answer, bytesOf({ type: 'pong', nonce: 77 }));
});

test('PROTOCOL.md 3.5: a message on a connection where it does not belong ends it', async (t) => {
  const { other, ends } = connect();
  await tell(other, hello({ role: 'data' }), { type: 'index-query', indexId: '', after: 0 });
  t.deepEqual(ends, ['own.protocol-error.index-query']);
});

test('PROTOCOL.md 3.2: a frame that is too long ends the connection before it is there', async (t) => {
  const beforeHello = connect();
  beforeHello.other.write(Buffer.from([0, 0, 0x40, 1, 1]));
  await settle();
  t.deepEqual(beforeHello.ends, ['own.protocol-error.FRAME_INVALID']);
  for (const header of [
    [0, 0x40, 0, 1, 0x11],
    [1, 0, 1, 8, 0x21],
    [0xff, 0xff, 0xff, 0xff, 0x21],
    [0, 0, 0, 0, 0x11],
    [0, 0, 0, 5, 0x7f],
  ]) {
    const { other, ends } = connect();
    await tell(other, hello());
    other.write(Buffer.from(header));
    await settle();
    t.deepEqual(ends, ['own.protocol-error.FRAME_INVALID']);
  }
});

test('a goodbye ends the connection with its reason', async (t) => {
  const { other, ends, connection } = connect('control');
  await tell(other, { type: 'goodbye', reason: 'denied' });
  t.deepEqual(ends, ['goodbye.denied']);
  t.true(connection.isClosed);
  await connection.finished;
});

test('closing says why, and waits no longer than a second for it to be read', async (t) => {
  const { other, connection, clock, ends } = connect();
  await tell(other, hello());
  other.pause();
  connection.send(replyTo({ id: 1 }, new Uint8Array(1_000_000)));
  connection.close('stopping');
  connection.close('denied');
  t.deepEqual(ends, ['own.stopping']);
  await clock.advance(1_000);
  await connection.finished;
  t.is(clock.pending, 0);
});

test('a message in any number of pieces arrives once and whole', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryMessage, { maxLength: 5 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 700 })),
      async (messages, sizes) => {
        const allowed = messages.filter(({ type }) => !['hello', 'goodbye', 'ping'].includes(type));
        const { other, heard, ends } = connect();
        const bytes = bytesOf(hello(), ...allowed);
        for (let at = 0; at < bytes.length;) {
          const size = sizes.next().value as number;
          other.write(bytes.subarray(at, at + size));
          at += size;
        }
        other.end();
        await settle();
        while (ends.length === 0) await settle();
        t.deepEqual(heard.map(plain), allowed.map(plain));
        t.deepEqual(ends, ['closed']);
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever bytes come, the connection ends or waits, and never fails inside', async (t) => {
  const opening = bytesOf(hello());
  const openingData = bytesOf(hello({ role: 'data' }));
  const mutated = fc
    .tuple(arbitraryMessage, fc.nat(), fc.integer({ min: 0, max: 255 }))
    .map(([message, at, byte]) => {
      const bytes = bytesOf(message);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
  const garbage = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  const framed = fc
    .tuple(fc.integer({ min: 0, max: 0x30 }), fc.uint8Array({ maxLength: 100 }))
    .map(([type, body]) => Buffer.from([0, 0, 0, body.length + 1, type, ...body]));
  const piece = fc.oneof(mutated, garbage, framed);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(opening, openingData, Buffer.alloc(0)),
      fc.array(piece, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('control', 'data', undefined),
      async (start, pieces, role) => {
        const { other, connection, ends } = connect(role);
        other.write(Buffer.concat([start, ...pieces]));
        other.end();
        await connection.finished;
        t.is(ends.length, 1);
        t.not(ends[0], 'internal');
        t.true(connection.isClosed);
      },
    ),
    { numRuns: 10_000 },
  );
});

test('a peer that does not read is given up', async (t) => {
  const { other, connection, ends } = connect();
  await tell(other, hello());
  other.pause();
  const bytes = new Uint8Array(16 * 1024 * 1024);
  for (let id = 0; id < 7; id++) connection.send(replyTo({ id }, bytes));
  t.deepEqual(ends, ['not-reading']);
});

test('a peer that asks for answers and does not read them is given up, however small they are', async (t) => {
  const { other, connection, ends } = connect();
  await tell(other, hello());
  other.pause();
  // Not all of them at once: what the system takes does not wait here.
  for (let id = 0; ends.length === 0; id++) connection.send({ type: 'pong', nonce: id % 2 ** 32 });
  t.deepEqual(ends, ['not-reading']);
});

test('drained resolves when the other side has read, or the connection is closed', async (t) => {
  const { other, connection } = connect();
  await tell(other, hello());
  await connection.drained();
  other.pause();
  connection.send(replyTo({ id: 1 }, new Uint8Array(1_000_000)));
  let isDrained = false;
  const drained = connection.drained().then(() => (isDrained = true));
  await settle();
  t.false(isDrained);
  other.resume();
  await drained;
  other.pause();
  connection.send(replyTo({ id: 2 }, new Uint8Array(1_000_000)));
  const closed = connection.drained();
  connection.destroy('test');
  await t.notThrowsAsync(closed);
});
