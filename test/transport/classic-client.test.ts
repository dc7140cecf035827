import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { isCompartidosError, type ErrorCode } from '../../src/core/errors.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import {
  DOWNLOAD_IDLE_MS,
  downloadClassic,
  probeClassic,
  SEARCH_MS,
  searchClassic,
} from '../../src/transport/classic-client.ts';
import { FakeClock } from '../support/fake-clock.ts';

const HOST = '127.0.0.1';

/** A classic server as they exist: recv(1024) once, then whatever the test answers. Returns its port. */
async function node(t: ExecutionContext, answer: (socket: Socket, request: string) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (request) => answer(socket, request.toString()));
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function download(port: number, name: string, maxBytes = 10_000_000): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of downloadClassic(HOST, port, name, { clock: systemClock, maxBytes })) {
    if (piece.length === 0) throw new Error('an empty piece');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function throwsCode(t: ExecutionContext, promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await t.throwsAsync(promise);
  t.true(isCompartidosError(error, code), String(error));
}

/** Lets fake time pass until `promise` settles. */
async function advanceUntil<Value>(clock: FakeClock, promise: Promise<Value>): Promise<Value> {
  let settled = false;
  const settle = () => (settled = true);
  promise.then(settle, settle);
  while (!settled) await clock.advance(100);
  return promise;
}

/** A free port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('clauses 7.2 and 7.5: a search is the verb and the name, without a terminator', async (t) => {
  const requests: string[] = [];
  const port = await node(t, (socket, request) => {
    requests.push(request);
    socket.end(request === 'BUSCAR:ñandú: 1.txt' ? 'SI' : 'NO');
  });
  t.true(await searchClassic(HOST, port, 'ñandú: 1.txt', { clock: systemClock }));
  t.false(await searchClassic(HOST, port, 'otro', { clock: systemClock }));
  t.deepEqual(requests, ['BUSCAR:ñandú: 1.txt', 'BUSCAR:otro']);
});

test('an answer is taken in pieces, and from a server that does not close', async (t) => {
  const port = await node(t, (socket) => {
    socket.setNoDelay(true);
    socket.write('S');
    setImmediate(() => socket.write('I'));
  });
  t.true(await searchClassic(HOST, port, 'a', { clock: systemClock }));
});

test('a search fails when the answer is another one, none, or too late', async (t) => {
  const port = await node(t, (socket, request) => {
    if (request.endsWith('other')) socket.end('HTTP/1.1 400 Bad Request');
    if (request.endsWith('long')) socket.write('SI'.repeat(100_000));
    if (request.endsWith('none')) socket.end();
    if (request.endsWith('half')) socket.end('S');
    if (request.endsWith('reset')) socket.resetAndDestroy();
  });
  const search = (name: string) => searchClassic(HOST, port, name, { clock: systemClock });
  await throwsCode(t, search('other'), 'MESSAGE_INVALID');
  await throwsCode(t, search('long'), 'MESSAGE_INVALID');
  await throwsCode(t, search('none'), 'CONNECTION_CLOSED');
  await throwsCode(t, search('half'), 'CONNECTION_CLOSED');
  await throwsCode(t, search('reset'), 'CONNECTION_CLOSED');
  const clock = new FakeClock();
  await throwsCode(
    t,
    advanceUntil(clock, searchClassic(HOST, port, 'silent', { clock })),
    'REQUEST_TIMED_OUT',
  );
  t.true(clock.monotonic() >= SEARCH_MS);
  t.is(clock.pending, 0);
});

test('clause 7.6: OK is taken off, alone, with the content, or in two pieces', async (t) => {
  const content = Buffer.concat([Buffer.from('OK NOFILE'), randomBytes(300_000)]);
  const port = await node(t, (socket, request) => {
    socket.setNoDelay(true);
    const way = request.slice('DESCARGAR:'.length);
    if (way === 'together') return void socket.end(Buffer.concat([Buffer.from('OK'), content]));
    socket.write(way === 'split' ? 'O' : 'OK');
    setImmediate(() => {
      if (way === 'split') socket.write('K');
      setImmediate(() => socket.end(content));
    });
  });
  for (const way of ['together', 'alone', 'split']) t.deepEqual(await download(port, way), content);
});

test('clause 7.6: an empty file, a file that is not there', async (t) => {
  const port = await node(t, (socket, request) => {
    socket.end(request === 'DESCARGAR:empty' ? 'OK' : 'NOFILE');
  });
  t.is((await download(port, 'empty')).length, 0);
  await throwsCode(t, download(port, 'gone'), 'NOT_FOUND');
});

test('a download fails when it is cut off, too large, too slow or something else', async (t) => {
  const port = await node(t, (socket, request) => {
    if (request.endsWith('other')) socket.end('<html>');
    if (request.endsWith('none')) socket.end();
    if (request.endsWith('large')) socket.write(Buffer.alloc(2000, 'OK'));
    if (request.endsWith('stalls')) socket.write('OKabc');
    if (request.endsWith('reset')) socket.write('OKabc', () => setImmediate(() => socket.resetAndDestroy()));
  });
  await throwsCode(t, download(port, 'other'), 'MESSAGE_INVALID');
  await throwsCode(t, download(port, 'none'), 'CONNECTION_CLOSED');
  await throwsCode(t, download(port, 'reset'), 'CONNECTION_CLOSED');
  await throwsCode(t, download(port, 'large', 1000), 'REQUEST_REFUSED');
  const clock = new FakeClock();
  const pieces = downloadClassic(HOST, port, 'stalls', { clock, maxBytes: 10 });
  t.is(Buffer.from((await pieces.next()).value!).toString(), 'abc');
  await throwsCode(t, advanceUntil(clock, pieces.next()), 'REQUEST_TIMED_OUT');
  t.true(clock.monotonic() >= DOWNLOAD_IDLE_MS);
  t.is(clock.pending, 0);
});

test('time that the reader takes does not count', async (t) => {
  const clock = new FakeClock();
  const port = await node(t, (socket) => socket.write('OKabc', () => setImmediate(() => socket.end('def'))));
  const pieces = downloadClassic(HOST, port, 'a', { clock, maxBytes: 10 });
  const first = await pieces.next();
  await clock.advance(10 * DOWNLOAD_IDLE_MS);
  let text = Buffer.from(first.value!).toString();
  for await (const piece of pieces) text += Buffer.from(piece).toString();
  t.is(text, 'abcdef');
});

test('whoever stops reading closes the connection', async (t) => {
  let closed: Promise<unknown> | undefined;
  const port = await node(t, (socket) => {
    closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.concat([Buffer.from('OK'), Buffer.alloc(1_000_000)]));
  });
  for await (const piece of downloadClassic(HOST, port, 'a', { clock: systemClock, maxBytes: 2_000_000 })) {
    t.true(piece.length > 0);
    break;
  }
  await t.notThrowsAsync(closed!);
});

test('a call can be aborted, before and in the middle', async (t) => {
  const port = await node(t, (socket) => socket.write('OKabc'));
  const early = AbortSignal.abort();
  await throwsCode(t, searchClassic(HOST, port, 'a', { clock: systemClock, signal: early }), 'ABORTED');
  const { signal, abort } = abortable();
  const pieces = downloadClassic(HOST, port, 'a', { clock: systemClock, signal, maxBytes: 10 });
  await pieces.next();
  const next = pieces.next();
  abort();
  await throwsCode(t, next, 'ABORTED');
});

test('clause 7.8: the probe tells native agents, classic nodes and others apart', async (t) => {
  // However long a busy machine takes to answer.
  const options = { clock: new FakeClock() };
  const requests: string[] = [];
  const native = await node(t, (socket, request) => {
    requests.push(request);
    socket.end('SI');
  });
  const classic = await node(t, (socket) => socket.end('NO'));
  const web = await node(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const closing = await node(t, (socket) => socket.end());
  t.is(await probeClassic(HOST, native, options), 'native');
  t.is(await probeClassic(HOST, classic, options), 'classic');
  await throwsCode(t, probeClassic(HOST, web, options), 'MESSAGE_INVALID');
  await throwsCode(t, probeClassic(HOST, closing, options), 'CONNECTION_CLOSED');
  t.deepEqual(requests, ['BUSCAR:.compartidos/1']);
  const clock = new FakeClock();
  const silent = await node(t, () => {});
  await throwsCode(t, advanceUntil(clock, probeClassic(HOST, silent, { clock })), 'REQUEST_TIMED_OUT');
  t.true(clock.monotonic() >= SEARCH_MS);
  await throwsCode(t, probeClassic(HOST, await deadPort(), options), 'CONNECTION_FAILED');
});

test('whatever a server sends, a download ends with bytes or with an error of ours', async (t) => {
  let answer: Uint8Array = Buffer.alloc(0);
  const port = await node(t, (socket) => socket.end(answer));
  const answers = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(fc.constantFrom('OK', 'NOFILE', 'SI', 'NO'), fc.uint8Array({ maxLength: 20 }))
      .map(([text, more]) => Buffer.concat([Buffer.from(text), more])),
  );
  await fc.assert(
    fc.asyncProperty(answers, async (bytes) => {
      answer = bytes;
      try {
        t.deepEqual(Buffer.concat([Buffer.from('OK'), await download(port, 'a')]), Buffer.from(bytes));
      } catch (error) {
        if (!isCompartidosError(error)) throw error;
        t.false(Buffer.from(bytes).toString('latin1').startsWith('OK'));
      }
    }),
    { numRuns: 500 },
  );
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
