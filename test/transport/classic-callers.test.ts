import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { openAccess } from '../../src/security/access-policy.ts';
import {
  ClassicCallers,
  MAX_CLASSIC_CALLERS,
  MAX_CLASSIC_CALLERS_PER_ADDRESS,
} from '../../src/transport/classic-callers.ts';
import { downloadClassic } from '../../src/transport/classic-client.ts';
import type { ClassicFiles } from '../../src/transport/classic-files.ts';
import type { ClassicServerParts } from '../../src/transport/classic-server.ts';
import { RawClassicClient } from '../support/classic-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A port at which callers are received, and a way to call it until the call is counted, or refused. */
async function receiveCallers(t: ExecutionContext, parts: Partial<ClassicServerParts> = {}) {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const callers = new ClassicCallers({ files: undefined, policy: openAccess, clock, logger, ...parts });
  let received = () => {};
  const server = createServer((socket) => {
    socket.once('data', (bytes) => {
      callers.receive(socket, bytes);
      socket.once('close', () => received());
      received();
    });
  });
  // On IPv6 and IPv4, as the listener does.
  server.listen(0);
  await once(server, 'listening');
  t.teardown(async () => {
    server.close();
    await callers.stop();
  });
  const { port } = server.address() as AddressInfo;
  const next = () => new Promise<void>((resolve) => (received = resolve));
  const call = async (localAddress = '127.0.0.1') => {
    const client = await RawClassicClient.connect(port, '127.0.0.1', localAddress);
    t.teardown(() => client.close());
    const arrival = next();
    client.send('BUSCAR:');
    await arrival;
    return client;
  };
  return { callers, clock, logger, port, call, next };
}

test('one address has no more calls at a time than its share, however far they are', async (t) => {
  const { call, logger, clock, next } = await receiveCallers(t);
  const clients = [];
  for (let count = 0; count < MAX_CLASSIC_CALLERS_PER_ADDRESS; count++) clients.push(await call());
  for (let count = 0; count < 2; count++) {
    const refused = await call();
    await t.throwsAsync(refused.recvAll(), { code: 'ECONNRESET' });
  }
  t.deepEqual(
    logger.of('caller.refused').map(({ fields }) => fields),
    [{ address: '127.0.0.1', reason: 'too-many' }],
  );
  await call('127.0.0.2');
  const gone = next();
  clients[0]!.close();
  await gone;
  const timers = clock.pending;
  await call();
  t.is(clock.pending, timers + 1, 'it is being answered');
});

test('all addresses together have no more calls at a time than their share', async (t) => {
  const { call } = await receiveCallers(t);
  for (let count = 0; count < MAX_CLASSIC_CALLERS; count++) {
    await call(`127.0.1.${1 + Math.floor(count / MAX_CLASSIC_CALLERS_PER_ADDRESS)}`);
  }
  const refused = await call('127.0.2.1');
  await t.throwsAsync(refused.recvAll(), { code: 'ECONNRESET' });
});

/** Shares one file, `a.bin`, of so many bytes. */
async function oneFile(t: ExecutionContext, size: number): Promise<ClassicFiles> {
  const file = join(await temporaryFolder(t), 'a.bin');
  await writeFile(file, Buffer.alloc(size));
  const fileSystem = new NodeFileSystem();
  return {
    async lookup() {
      return {
        ...{ path: parseRelativePath('a.bin'), size, mtimeUs: 0 },
        sha256: async () => '',
        open: () => fileSystem.open(file, 'read'),
      };
    },
    async *list() {},
  };
}

test('stopping in the middle of a file is no end of the file', async (t) => {
  const { callers, clock, port } = await receiveCallers(t, { files: await oneFile(t, 64_000_000) });
  const options = { clock: systemClock, maxBytes: 64_000_000 };
  const pieces = downloadClassic('127.0.0.1', port, 'a.bin', options);
  let first: Uint8Array | undefined;
  const reading = pieces.next().then(({ value }) => (first = value as Uint8Array));
  while (!first) await clock.advance(10);
  await reading;
  await callers.stop();
  await callers.stop();
  const rest = async () => {
    for await (const piece of pieces) t.true(piece.length > 0);
  };
  await t.throwsAsync(rest(), { code: 'CONNECTION_CLOSED' });
});

test('content leaves as fast as it may to that address, and nobody waits for that after the stop', async (t) => {
  const asked: [address: string, bytes: number][] = [];
  const pace = (address: string, bytes: number, signal: AbortSignal) => {
    asked.push([address, bytes]);
    if (asked.length === 1) return Promise.resolve();
    return new Promise<void>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('nobody is there any more')));
    });
  };
  const { callers, clock, port, logger } = await receiveCallers(t, {
    files: await oneFile(t, 100_000),
    pace,
  });
  const pieces = downloadClassic('127.0.0.1', port, 'a.bin', { clock: systemClock, maxBytes: 100_000 });
  let bytes = 0;
  const reading = (async () => {
    for await (const piece of pieces) bytes += piece.length;
  })();
  while (bytes < 65_536 || asked.length < 2) await clock.advance(10);
  t.deepEqual(asked, [
    ['127.0.0.1', 65_536],
    ['127.0.0.1', 34_464],
  ]);
  await callers.stop();
  await t.throwsAsync(reading, { code: 'CONNECTION_CLOSED' });
  t.is(bytes, 65_536);
  while (logger.of('classic.interrupted').length === 0) await clock.advance(10);
  t.is(clock.pending, 0);
});
