import { once } from 'node:events';
import { connect as connectPlain, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { Listener, type ListenerOptions } from '../../src/transport/listener.ts';
import { secureContextOf, type SecureSocket } from '../../src/transport/secure-socket.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { testIdentity } from '../support/test-identity.ts';

async function listen(t: ExecutionContext, changes: Partial<ListenerOptions> = {}) {
  const logger = new RecordingLogger();
  const natives: SecureSocket[] = [];
  const listener = new Listener({
    ...{ port: 0, context: secureContextOf(testIdentity()), clock: systemClock, logger },
    onNative: (secure) => {
      secure.socket.on('error', () => {});
      natives.push(secure);
    },
    ...changes,
  });
  await listener.start();
  t.teardown(async () => {
    await listener.stop();
    for (const { socket } of natives) socket.destroy();
  });
  return { listener, logger, natives };
}

async function call(t: ExecutionContext, port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connectPlain({ host: '127.0.0.1', port, localAddress });
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the other side has closed, however. */
async function closing(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

function callTls(t: ExecutionContext, port: number, options: ConnectionOptions): TLSSocket {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  return socket;
}

test('a device is handed over with the id that its key has', async (t) => {
  const identity = testIdentity();
  const arrived = new Promise<SecureSocket>((resolve) => {
    void listen(t, { onNative: resolve }).then(({ listener }) => {
      const { keyPem: key, certPem: cert } = identity;
      callTls(t, listener.port, { key, cert, ALPNProtocols: ['compartidos/1'] }).write('first words');
    });
  });
  const secure = await arrived;
  t.is(secure.device, identity.device);
  t.is(secure.address, '127.0.0.1');
  t.is(secure.localAddress, '127.0.0.1');
  t.false(secure.dialled);
  const chunk = await new Promise<Uint8Array>((resolve) => secure.receive(resolve));
  t.is(Buffer.from(chunk).toString(), 'first words');
  secure.socket.destroy();
});

const REFUSED: Readonly<Record<string, () => ConnectionOptions>> = {
  'no application protocol': () => credentials(),
  'another application protocol': () => ({ ...credentials(), ALPNProtocols: ['h2', 'http/1.1'] }),
  'no certificate': () => ({ ALPNProtocols: ['compartidos/1'] }),
  'a key on another curve': () => ({ ...credentials('P-384'), ALPNProtocols: ['compartidos/1'] }),
  'a key whose curve is written out': () => ({
    ...credentials('P-256', 'explicit'),
    ALPNProtocols: ['compartidos/1'],
  }),
  'TLS 1.2': () => ({ ...credentials(), ALPNProtocols: ['compartidos/1'], maxVersion: 'TLSv1.2' }),
};

function credentials(...kind: Parameters<typeof testIdentity>): ConnectionOptions {
  const { keyPem: key, certPem: cert } = testIdentity(...kind);
  return { key, cert };
}

for (const [what, options] of Object.entries(REFUSED)) {
  test(`a caller with ${what} is refused`, async (t) => {
    const { listener, logger, natives } = await listen(t);
    await closing(callTls(t, listener.port, options()));
    t.is(natives.length, 0);
    t.is(logger.of('caller.refused').length, 1);
  });
}

test('a classic caller is handed over with what it said', async (t) => {
  for (const said of ['BUSCAR:a', 'DESCARGAR:b', 'LISTAR:']) {
    const handed = new Promise<[Socket, Buffer]>((resolve) => {
      void listen(t, { onClassic: (socket, bytes) => resolve([socket, bytes]) }).then(
        async ({ listener }) => {
          (await call(t, listener.port)).write(said);
        },
      );
    });
    const [socket, bytes] = await handed;
    t.is(bytes.toString(), said);
    t.true(socket.isPaused());
    socket.destroy();
  }
});

test('whoever is neither is closed, and logged once', async (t) => {
  const { listener, logger } = await listen(t, { onClassic: () => t.fail() });
  for (const said of ['GET / HTTP/1.1\r\n\r\n', '\0', 'SSH-2.0-x\r\n', '\x15\x03\x01', 'buscar:a', '\xff']) {
    const socket = await call(t, listener.port);
    socket.write(Buffer.from(said, 'latin1'));
    await closing(socket);
  }
  t.is(logger.of('caller.refused').length, 1);
  t.deepEqual(logger.of('caller.refused')[0]?.fields, { address: '127.0.0.1', reason: 'unknown-protocol' });
});

test('who hangs up before the handshake is over was not refused', async (t) => {
  let shaking = () => {};
  const shakes = new Promise<void>((resolve) => (shaking = resolve));
  const after: Clock['after'] = (ms, action) => {
    if (ms === 15_000) shaking();
    return systemClock.after(ms, action);
  };
  const { listener, logger } = await listen(t, { clock: { ...systemClock, after } });
  const gone = await call(t, listener.port);
  gone.write(Buffer.from('\x16\x03\x01', 'latin1'));
  await shakes;
  gone.resetAndDestroy();
  const other = await call(t, listener.port);
  other.write('SSH-2.0-x\r\n');
  await closing(other);
  t.deepEqual(
    logger.of('caller.refused').map(({ fields }) => fields['reason']),
    ['unknown-protocol'],
  );
});

test('whatever follows the first byte, nobody gets in without a handshake', async (t) => {
  const { listener, natives } = await listen(t);
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 0, maxLength: 600 }),
      fc.boolean(),
      async (bytes, asRecord) => {
        const socket = await call(t, listener.port);
        const record = Buffer.from([0x16, 3, 1, bytes.length >> 8, bytes.length & 0xff, 1, ...bytes]);
        socket.end(asRecord ? record : Buffer.from([0x16, ...bytes]));
        await closing(socket);
      },
    ),
    { numRuns: 10_000 },
  );
  t.is(natives.length, 0);
});

test('a caller that says nothing is closed after ten seconds', async (t) => {
  const clock = new FakeClock();
  const { listener, logger } = await listen(t, { clock });
  const socket = await call(t, listener.port);
  await accepted(clock);
  await clock.advance(9_999);
  t.false(socket.closed);
  await clock.advance(1);
  await closing(socket);
  t.is(logger.of('caller.refused')[0]?.fields['reason'], 'timed-out');
});

test('a handshake that comes byte by byte is closed after fifteen seconds', async (t) => {
  const clock = new FakeClock();
  const { listener } = await listen(t, { clock });
  const socket = await call(t, listener.port);
  await accepted(clock);
  const before = clock.pending;
  socket.write(Buffer.from([0x16, 3, 1, 2]));
  t.is(before, 1);
  // The first byte has arrived when the handshake's deadline is the only one.
  while (clock.nextIn !== 15_000) await new Promise((resolve) => setImmediate(resolve));
  for (let second = 0; second < 15; second++) {
    socket.write(Buffer.of(0));
    await clock.advance(1_000);
  }
  await closing(socket);
  t.is(clock.pending, 0);
});

test('one address cannot hold more than its share of callers that say nothing', async (t) => {
  const clock = new FakeClock();
  const { listener, logger } = await listen(t, { clock });
  const sockets: Socket[] = [];
  for (let count = 0; count < 32; count++) sockets.push(await call(t, listener.port));
  await accepted(clock, 32);
  await closing(await call(t, listener.port));
  t.is(logger.of('caller.refused')[0]?.fields['reason'], 'too-many');
  t.true(sockets.every((socket) => !socket.closed));
  sockets[0]!.destroy();
  await accepted(clock, 31);
  await call(t, listener.port);
  await accepted(clock, 32);
  t.pass();
});

test('whoever holds all places without saying anything does not keep others out', async (t) => {
  const clock = new FakeClock();
  const { listener, natives } = await listen(t, { clock });
  const silent: Socket[] = [];
  for (let count = 0; count < 256; count++) {
    silent.push(await call(t, listener.port, `127.0.1.${1 + (count % 32)}`));
    await accepted(clock, count + 1);
  }
  const identity = testIdentity();
  const { keyPem: key, certPem: cert } = identity;
  callTls(t, listener.port, { key, cert, minVersion: 'TLSv1.3', ALPNProtocols: ['compartidos/1'] });
  await closing(silent[0]!);
  while (natives.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.is(natives[0]!.device, identity.device);
  t.is(silent.filter(({ closed }) => closed).length, 1);
});

test('who makes room for another of his own is counted right', async (t) => {
  const clock = new FakeClock();
  const { listener } = await listen(t, { clock });
  for (let count = 0; count < 256; count++) {
    await call(t, listener.port, `127.0.1.${1 + (count % 16)}`);
    await accepted(clock, count + 1);
  }
  // Each takes the place of another: not more than 32 are ever from there.
  let last: Socket | undefined;
  for (let count = 0; count < 40; count++) last = await call(t, listener.port, '127.0.1.1');
  // It had a place, which is free now.
  last!.destroy();
  await accepted(clock, 255);
  t.pass();
});

test('a port in use is an error that names it', async (t) => {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  await t.throwsAsync(listen(t, { port }), { message: `PORT_IN_USE {"port":${port}}` });
});

test('stopping closes callers that have not said who they are and frees the port', async (t) => {
  const { listener } = await listen(t);
  const { port } = listener;
  const socket = await call(t, port);
  await listener.stop();
  await listener.stop();
  await closing(socket);
  t.is(listener.port, 0);
  await listen(t, { port });
  await t.notThrowsAsync(call(t, port));
});

test('IPv6 and IPv4 are both listened on', async (t) => {
  const { listener } = await listen(t);
  const socket = connectPlain({ host: '::1', port: listener.port });
  t.teardown(() => socket.destroy());
  await t.notThrowsAsync(once(socket, 'connect'));
  await t.notThrowsAsync(call(t, listener.port));
});

/** Waits until the listener has seen so many callers: each has a deadline. */
async function accepted(clock: FakeClock, count = 1): Promise<void> {
  while (clock.pending !== count) await new Promise((resolve) => setImmediate(resolve));
}
