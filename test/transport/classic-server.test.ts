import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import type { Logger } from '../../src/core/logger.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { compileGlob } from '../../src/model/glob.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { openAccess, type AccessPolicy } from '../../src/security/access-policy.ts';
import type { ClassicFile, ClassicFiles } from '../../src/transport/classic-files.ts';
import { LONG_QUIET_MS, QUIET_MS, REQUEST_MS } from '../../src/transport/classic-request-reader.ts';
import { OK_GAP_MS, serveClassic, type ClassicServerParts } from '../../src/transport/classic-server.ts';
import { IDLE_MS } from '../../src/transport/classic-socket.ts';
import { RawClassicClient } from '../support/classic-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const nodeFileSystem = new NodeFileSystem();

/** The files of one real folder, by name. */
class FolderFiles implements ClassicFiles {
  readonly #folder: string;
  readonly #names: readonly string[];

  constructor(folder: string, names: readonly string[]) {
    this.#folder = folder;
    this.#names = names;
  }

  async lookup(path: string): Promise<ClassicFile | undefined> {
    if (!this.#names.includes(path)) return undefined;
    const native = join(this.#folder, path);
    const { size, mtimeUs } = await nodeFileSystem.lstat(native);
    return {
      path: parseRelativePath(path),
      size,
      mtimeUs,
      sha256: async () =>
        createHash('sha256')
          .update(await readFile(native))
          .digest('hex'),
      open: () => nodeFileSystem.open(native, 'read'),
    };
  }

  async *list(glob: string | undefined): AsyncIterable<ClassicFile> {
    const matches = glob === undefined ? () => true : compileGlob(glob);
    for (const name of this.#names) if (matches(name)) yield (await this.lookup(name))!;
  }
}

interface Served {
  readonly clock: FakeClock;
  readonly folder: string;
  /** What serveClassic returned, call by call. */
  readonly results: Promise<void>[];
  connect(): Promise<RawClassicClient>;
  /** Sends more and waits until the server has it; the clock stands still. */
  deliver(client: RawClassicClient, bytes: string): Promise<void>;
  /** Sends a request and lets the quiet time pass. */
  ask(request: string | Uint8Array): Promise<RawClassicClient>;
}

async function serve(
  t: ExecutionContext,
  contents: Readonly<Record<string, string | Uint8Array>>,
  parts: Partial<ClassicServerParts> = {},
): Promise<Served> {
  const folder = await temporaryFolder(t);
  for (const [name, content] of Object.entries(contents)) await writeFile(join(folder, name), content);
  const clock = new FakeClock();
  const files = new FolderFiles(folder, Object.keys(contents));
  const results: Promise<void>[] = [];
  let served: () => void = () => {};
  let received = 0;
  const server = createServer((socket) => {
    socket.on('data', (chunk) => (received += chunk.length));
    socket.once('data', (chunk) => {
      results.push(
        serveClassic(socket, chunk, { files, policy: openAccess, clock, logger: silentLogger, ...parts }),
      );
      served();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const connect = async () => {
    const client = await RawClassicClient.connect((server.address() as AddressInfo).port);
    t.teardown(() => client.close());
    return client;
  };
  const deliver = async (client: RawClassicClient, bytes: string) => {
    const expected = received + Buffer.byteLength(bytes);
    client.send(bytes);
    while (received < expected) await clock.advance(0);
  };
  const ask = async (request: string | Uint8Array) => {
    const client = await connect();
    const arrival = new Promise<void>((resolve) => (served = resolve));
    client.send(request);
    await arrival;
    await clock.advance(QUIET_MS);
    return client;
  };
  return { clock, folder, results, connect, deliver, ask };
}

/** Moves the clock on until `done` settles. */
async function advanceUntil<Value>(clock: FakeClock, done: Promise<Value>): Promise<Value> {
  let settled = false;
  const settle = () => (settled = true);
  done.then(settle, settle);
  while (!settled) await clock.advance(10);
  return done;
}

async function answer(served: Served, request: string | Uint8Array): Promise<string> {
  const client = await served.ask(request);
  return (await advanceUntil(served.clock, client.recvAll())).toString();
}

test('clause 7.5: BUSCAR is answered SI or NO, and closed', async (t) => {
  const served = await serve(t, { 'ñandú: 1.txt': 'x' });
  t.is(await answer(served, 'BUSCAR:ñandú: 1.txt'), 'SI');
  t.is(await answer(served, 'BUSCAR:n\u0303andu\u0301: 1.txt'), 'SI');
  t.is(await answer(served, 'BUSCAR:otro.txt'), 'NO');
  for (const name of ['..', '/etc/passwd', 'a\0', 'a\\b', '%2e%2e/a', '.compartidos/queue']) {
    t.is(await answer(served, `BUSCAR:${name}`), 'NO');
  }
  t.is(await answer(served, Buffer.from('BUSCAR:\xff', 'latin1')), 'NO');
});

test('clause 7.6: recv(1024) returns exactly OK, and the content only after a pause', async (t) => {
  const content = randomBytes(700_000);
  const served = await serve(t, { 'a.bin': content });
  const client = await served.ask('DESCARGAR:a.bin');
  t.is((await client.recv(1024)).toString(), 'OK');
  await served.clock.advance(OK_GAP_MS - 1);
  t.false(client.pending);
  await served.clock.advance(1);
  t.deepEqual(await client.recvAll(), content);
  await served.results[0];
});

test('clause 7.6: an empty file is OK and the end', async (t) => {
  const served = await serve(t, { vacío: '' });
  t.is(await answer(served, 'DESCARGAR:vacío'), 'OK');
});

test('clause 7.6: NOFILE for what is not there and for what cannot be reached', async (t) => {
  const served = await serve(t, { 'a.txt': 'x' });
  for (const name of ['b.txt', '', '../a.txt', '/a.txt', './a.txt', 'a.txt/', 'a.txt\0', '..\\a.txt']) {
    const client = await served.ask(`DESCARGAR:${name}`);
    client.shutdown();
    t.is((await advanceUntil(served.clock, client.recvAll())).toString(), 'NOFILE', JSON.stringify(name));
  }
});

test('clause 7.3: a request may come in pieces', async (t) => {
  const served = await serve(t, { 'a.txt': 'x', a: 'y' });
  const client = await served.ask('BUSC');
  for (const piece of ['AR:', 'a', '.txtx']) {
    await served.clock.advance(QUIET_MS - 1);
    await served.deliver(client, piece);
  }
  t.is((await advanceUntil(served.clock, client.recvAll())).toString(), 'NO');
});

test('clause 7.3: nothing is answered before the quiet time, unless the caller closes its side', async (t) => {
  const served = await serve(t, { 'a.txt': 'x' });
  const waiting = await served.ask('BUSCAR:');
  await served.deliver(waiting, 'a.txt');
  await served.clock.advance(QUIET_MS - 1);
  t.false(waiting.pending);
  await served.clock.advance(1);
  t.is((await waiting.recvAll()).toString(), 'SI');

  const closing = await served.ask('BUSCAR:');
  closing.send('a.txt');
  closing.shutdown();
  t.is((await closing.recvAll()).toString(), 'SI');
});

test('clause 7.3: a long request is given time for a lost segment', async (t) => {
  const served = await serve(t, {});
  const client = await served.ask(`BUSCAR:${'a/'.repeat(1000)}`);
  await served.clock.advance(LONG_QUIET_MS - QUIET_MS - 1);
  t.false(client.pending);
  t.is((await advanceUntil(served.clock, client.recvAll())).toString(), 'NO');
});

test('clause 7.3: a request without end is answered when it is too long for any name', async (t) => {
  const served = await serve(t, {});
  const client = await served.connect();
  client.send(`BUSCAR:${'a'.repeat(5000)}`);
  t.is((await client.recvAll()).toString(), 'NO');
});

test('clause 7.8: a native agent answers the probe, even one that does not serve classic peers', async (t) => {
  t.is(await answer(await serve(t, {}), 'BUSCAR:.compartidos/1'), 'SI');
  const native = await serve(t, { 'a.txt': 'x' }, { files: undefined });
  t.is(await answer(native, 'BUSCAR:.compartidos/1'), 'SI');
  t.is(await answer(native, 'BUSCAR:a.txt'), '');
  t.is(await answer(native, 'DESCARGAR:a.txt'), '');
  t.is(await answer(native, 'LISTAR:'), '');
});

test('clause 7.7: LISTAR names all files, or those that match', async (t) => {
  const served = await serve(t, { 'a.txt': 'x', 'con\nsalto.pdf': 'yy', 'b.PDF': '' });
  const lines = (await answer(served, 'LISTAR:')).split('\n');
  t.is(lines.length, 4);
  const [size, mtime, hash, name] = lines[1]!.split('\t');
  t.is(size, '2');
  t.regex(mtime!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  t.is(hash, createHash('sha256').update('yy').digest('hex'));
  t.is(name, 'con\\nsalto.pdf');
  t.is((await answer(served, 'LISTAR:*.pdf')).split('\n').length, 3);
  t.is(await answer(served, 'LISTAR:*.jpg'), '');
  t.is(await answer(served, 'LISTAR:a\0'), '');
});

test('what is no request is closed without an answer, and said so', async (t) => {
  const served = await serve(t, {});
  for (const request of ['DELETE / HTTP/1.1\r\n\r\n', 'B\xff', 'LISTEN']) {
    t.is(await answer(served, request), '');
    await served.results.at(-1);
  }
});

test('a caller that does not finish its request is let go', async (t) => {
  const served = await serve(t, {});
  const client = await served.ask('BUSC');
  await served.clock.advance(REQUEST_MS);
  t.is((await client.recvAll()).toString(), '');
  await served.results[0];
});

test('clause 7.9: a caller that takes nothing is let go, and does not take what it has for the file', async (t) => {
  const served = await serve(t, { 'a.bin': Buffer.alloc(64_000_000) });
  const client = await served.ask('DESCARGAR:a.bin');
  t.is((await client.recv()).toString(), 'OK');
  client.pause();
  await served.clock.advance(OK_GAP_MS);
  // One write after the other fills the buffers of both kernels; then nothing moves but the clock.
  await advanceUntil(served.clock, served.results[0]!);
  t.true(served.clock.monotonic() >= IDLE_MS);
  client.resume();
  await t.throwsAsync(client.recvAll(), { code: 'ECONNRESET' });
});

test('clause 7.6: an answer that fails in the middle ends in a reset', async (t) => {
  const pace = () => Promise.reject(new Error('no more'));
  const served = await serve(t, { 'a.bin': Buffer.alloc(1000) }, { pace });
  const client = await served.ask('DESCARGAR:a.bin');
  t.is((await client.recv()).toString(), 'OK');
  await served.clock.advance(OK_GAP_MS);
  await t.throwsAsync(client.recvAll(), { code: 'ECONNRESET' });
});

test('a file that changes while it is sent ends in a reset, never in an orderly end', async (t) => {
  const changes: readonly [what: string, change: (file: string) => Promise<void>][] = [
    ['shrinks', (file) => truncate(file, 1_000_000)],
    ['grows', (file) => appendFile(file, 'x')],
    ['is rewritten', (file) => writeFile(file, Buffer.alloc(8_000_000, 1))],
  ];
  for (const [what, change] of changes) {
    const events: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (event) => events.push(event) };
    let changed = false;
    let file = '';
    const pace = async () => {
      if (!changed) await change(file);
      changed = true;
    };
    const served = await serve(t, { 'a.bin': Buffer.alloc(8_000_000) }, { pace, logger });
    file = join(served.folder, 'a.bin');
    const client = await served.ask('DESCARGAR:a.bin');
    t.is((await client.recv()).toString(), 'OK');
    await served.clock.advance(OK_GAP_MS);
    await t.throwsAsync(client.recvAll(), { code: 'ECONNRESET' }, what);
    await served.results[0];
    t.deepEqual(events, ['classic.file.changed'], what);
  }
});

test('the policy is asked for the connection and for every file', async (t) => {
  const asked: string[] = [];
  const policy: AccessPolicy = {
    allows(caller, action) {
      asked.push(`${caller.kind} ${caller.address} ${action.type} ${'path' in action ? action.path : ''}`);
      return !('path' in action) || action.path !== 'secreto';
    },
  };
  const served = await serve(t, { secreto: 'x', público: 'y' }, { policy });
  t.is(await answer(served, 'BUSCAR:secreto'), 'NO');
  t.is(await answer(served, 'DESCARGAR:secreto'), 'NOFILE');
  const listing = await answer(served, 'LISTAR:');
  t.true(listing.includes('público'));
  t.false(listing.includes('secreto'));
  const from = 'classic 127.0.0.1';
  t.deepEqual(asked, [
    `${from} connect `,
    `${from} list secreto`,
    `${from} connect `,
    `${from} read secreto`,
    `${from} connect `,
    `${from} list secreto`,
    `${from} list público`,
  ]);
  const closed = await serve(t, { a: '' }, { policy: { allows: () => false } });
  const refused = await closed.connect();
  refused.send('BUSCAR:a');
  t.is((await refused.recvAll()).toString(), '');
});

test('no timer is left when a caller has gone', async (t) => {
  const served = await serve(t, { 'a.bin': Buffer.alloc(1000) });
  for (const request of ['BUSCAR:x', 'DESCARGAR:a.bin', 'LISTAR:', 'BUSC', 'nothing']) {
    const client = await served.connect();
    client.send(request);
    const before = served.results.length;
    while (served.results.length === before) await served.clock.advance(0);
    client.close();
    await advanceUntil(served.clock, served.results.at(-1)!);
    t.is(served.clock.pending, 0, request);
  }
});
