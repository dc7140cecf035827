import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../src/core/system-clock.ts';
import { dial, type DialOptions } from '../../src/transport/dialer.ts';
import { secureContextOf } from '../../src/transport/secure-socket.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { testIdentity } from '../support/test-identity.ts';

const options = (changes: Partial<DialOptions> = {}): DialOptions => ({
  context: secureContextOf(testIdentity()),
  clock: systemClock,
  ...changes,
});

async function serveTls(
  t: ExecutionContext,
  changes: TlsOptions = {},
  identity = testIdentity(),
): Promise<number> {
  const server = createTlsServer({
    ...{ key: identity.keyPem, cert: identity.certPem, requestCert: true, rejectUnauthorized: false },
    ...{ ALPNProtocols: ['compartidos/1'], ...changes },
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {});
    socket.write('welcome');
    t.teardown(() => socket.destroy());
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function servePlain(t: ExecutionContext, receive: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    t.teardown(() => socket.destroy());
    receive(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('whoever answers is known by its key, and nothing that it says early is lost', async (t) => {
  const identity = testIdentity();
  const port = await serveTls(t, {}, identity);
  const secure = await dial('127.0.0.1', port, options({ expect: identity.device }));
  t.is(secure.device, identity.device);
  t.is(secure.port, port);
  t.true(secure.dialled);
  await new Promise((resolve) => setImmediate(resolve));
  const said = await new Promise<string>((resolve) => {
    let text = '';
    secure.receive((chunk) => {
      text += Buffer.from(chunk).toString();
      if (text.length === 7) resolve(text);
    });
  });
  t.is(said, 'welcome');
  secure.socket.destroy();
});

test('another device than the one expected is refused', async (t) => {
  const port = await serveTls(t);
  await t.throwsAsync(dial('127.0.0.1', port, options({ expect: testIdentity().device })), {
    message: `HANDSHAKE_FAILED {"host":"127.0.0.1","port":${port},"reason":"other-device"}`,
  });
});

test('a server that speaks TLS 1.2 at most is refused', async (t) => {
  const port = await serveTls(t, { maxVersion: 'TLSv1.2' });
  await t.throwsAsync(dial('127.0.0.1', port, options()), { message: /^HANDSHAKE_FAILED/ });
});

test('a server of another application protocol is refused', async (t) => {
  for (const ALPNProtocols of [[], ['h2']]) {
    const port = await serveTls(t, { ALPNProtocols });
    await t.throwsAsync(dial('127.0.0.1', port, options()), { message: /^HANDSHAKE_FAILED/ });
  }
});

test('a key on another curve is refused', async (t) => {
  const port = await serveTls(t, {}, testIdentity('P-384'));
  await t.throwsAsync(dial('127.0.0.1', port, options()), { message: /^HANDSHAKE_FAILED.*key-type/ });
});

test('a server that does not speak TLS is refused', async (t) => {
  const port = await servePlain(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await t.throwsAsync(dial('127.0.0.1', port, options()), { message: /^HANDSHAKE_FAILED/ });
});

test('a server that closes or resets is an error', async (t) => {
  const ends = await servePlain(t, (socket) => socket.end());
  await t.throwsAsync(dial('127.0.0.1', ends, options()), { message: /^(HANDSHAKE|CONNECTION)_FAILED/ });
  const resets = await servePlain(t, (socket) => socket.resetAndDestroy());
  await t.throwsAsync(dial('127.0.0.1', resets, options()), { message: /^(HANDSHAKE|CONNECTION)_FAILED/ });
});

test('a port where nobody listens is an error', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await t.throwsAsync(dial('127.0.0.1', port, options()), { message: /^CONNECTION_FAILED.*ECONNREFUSED/ });
});

test('a server that says nothing is given up', async (t) => {
  const clock = new FakeClock();
  const reached = new Promise<Socket>((resolve) => {
    void servePlain(t, resolve).then(async (port) => {
      let isReached = false;
      const reached = () => (isReached = true);
      const dialling = dial('127.0.0.1', port, options({ clock, reached }));
      await t.throwsAsync(dialling, { message: /^CONNECTION_FAILED.*timed-out/ });
      t.is(clock.pending, 0);
      t.true(isReached);
      resolve(undefined as never);
    });
  });
  const socket = await reached;
  const closed = once(socket.resume(), 'close');
  await clock.advance(15_000);
  await closed;
  t.pass();
});

test('a dial can be called off, before and meanwhile', async (t) => {
  const early = AbortSignal.abort();
  await t.throwsAsync(dial('127.0.0.1', 9, options({ signal: early })), { message: /^ABORTED/ });
  const controller = new AbortController();
  const port = await servePlain(t, () => controller.abort());
  await t.throwsAsync(dial('127.0.0.1', port, options({ signal: controller.signal })), {
    message: /^ABORTED/,
  });
});
