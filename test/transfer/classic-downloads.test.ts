import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { incomingOf, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TransferPeer } from '../support/transfer-peer.ts';

/** A classic node: answers each request by `answer`. */
async function classicNode(t: ExecutionContext, answer: (request: string, socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (request) => answer(request.toString(), socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, server };
}

test('a file of a classic node arrives, is hashed and indexed', async (t) => {
  const bytes = randomBytes(700_000);
  const { host, port } = await classicNode(t, (request, socket) => {
    if (request === 'BUSCAR:informe final.pdf') socket.end('SI');
    else if (request === 'DESCARGAR:informe final.pdf') socket.end(Buffer.concat([Buffer.from('OK'), bytes]));
    else socket.end('NO');
  });
  const bob = await TransferPeer.start(t, new MemoryLan(), 'bob');
  const target = parseRelativePath('informe final.pdf');
  const view = await bob.downloads.requestClassic({ host, port, name: target, target, reason: 'person' })
    .finished;
  t.like(view, { state: 'done', bytes: bytes.length, from: [host] });
  await sameBytes(t, bob, target, bytes);
  const alone = await TransferPeer.start(t, new MemoryLan(), 'alone');
  t.deepEqual(bob.index.get(target)!.hash, (await alone.write('x', bytes)).hash);
  t.deepEqual(await incomingOf(bob), []);
});

test('nothing appears of a file whose node dies in mid-file', async (t) => {
  const node = await classicNode(t, (_, socket) => {
    node.server.close();
    socket.end(Buffer.concat([Buffer.from('OK'), randomBytes(1000)]));
  });
  const { host, port } = node;
  const bob = await TransferPeer.start(t, new MemoryLan(), 'bob');
  const target = parseRelativePath('file');
  const { id } = bob.downloads.requestClassic({ host, port, name: 'file', target, reason: 'person' });
  const view = await untilView(bob, id, ({ error }) => error !== null);
  t.is(view.error!.code, 'CONNECTION_FAILED');
  await t.throwsAsync(bob.read('file'), { code: 'ENOENT' });
  await bob.downloads.cancel([id]);
});

test('a file that the node does not have ends in failure at once', async (t) => {
  const { host, port } = await classicNode(t, (_, socket) => socket.end('NOFILE'));
  const bob = await TransferPeer.start(t, new MemoryLan(), 'bob');
  const target = parseRelativePath('file');
  const view = await bob.downloads.requestClassic({ host, port, name: 'file', target, reason: 'person' })
    .finished;
  t.like(view, { state: 'failed', error: { code: 'NOT_FOUND' } });
});
