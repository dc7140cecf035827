import { randomBytes } from 'node:crypto';
import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { classicNode } from '../support/classic-node.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { polled } from '../support/polling.ts';
import { noLimits } from '../support/no-limits.ts';
import { incomingOf, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TransferPeer } from '../support/transfer-peer.ts';

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

test('a file of a classic node keeps to the limit, which may be raised meanwhile', async (t) => {
  const bytes = randomBytes(700_000);
  const { host, port } = await classicNode(t, (request, socket) => {
    if (request.startsWith('BUSCAR')) socket.end('SI');
    else socket.end(Buffer.concat([Buffer.from('OK'), bytes]));
  });
  const clock = new FakeClock();
  const limits = { down: 100_000 };
  const bob = await TransferPeer.start(t, new MemoryLan(), 'bob', { clock, limits });
  const target = parseRelativePath('file');
  const handle = bob.downloads.requestClassic({ host, port, name: 'file', target, reason: 'person' });
  const isOver = () => handle.view().state === 'done';
  const pass = (until: () => boolean) =>
    polled(1, async () => {
      if (until()) return true;
      await clock.advance(50);
      return false;
    });
  await pass(() => clock.monotonic() >= 3000);
  // A piece may be larger than what the limit lets pass at once, by what the system hands over at once.
  t.true(handle.view().bytes <= 500_000, String(handle.view().bytes));
  bob.bandwidth.configure({ ...noLimits, down: 1e9 });
  await pass(isOver);
  await sameBytes(t, bob, target, bytes);
});
