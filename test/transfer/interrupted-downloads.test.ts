import { randomBytes } from 'node:crypto';
import { link, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { DownloadHandle } from '../../src/transfer/download-telling.ts';
import { BLOCK } from '../support/block-size.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { incomingOf, pair, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TransferPeer } from '../support/transfer-peer.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const MIB = 1024 * 1024;

/** Begins to get `file`, of which alice gives no more than its first `bytes`; resolves when they are there. */
async function getPart(alice: TransferPeer, bob: TransferPeer, bytes: number): Promise<DownloadHandle> {
  const busy = new CompartidosError('REQUEST_REFUSED', { reason: 'busy' });
  alice.network.tampering = async (block, answer) => (block.offset < bytes ? answer() : Promise.reject(busy));
  const handle = bob.get(alice, 'file');
  await untilView(bob, handle.id, (view) => view.bytes === bytes);
  return handle;
}

test('a peer that vanishes is replaced by another; nobody left means waiting for one to come back', async (t) => {
  const lan = new MemoryLan();
  const alice = await TransferPeer.start(t, lan, 'alice');
  const bob = await TransferPeer.start(t, lan, 'bob');
  lan.connectAll();
  const bytes = randomBytes(6 * MIB);
  await alice.write('file', bytes);
  alice.announceTo(bob);
  const handle = await getPart(alice, bob, MIB);
  lan.disconnect(alice.device, bob.device);
  await untilView(bob, handle.id, ({ state, error }) => state === 'queued' && error !== null);
  alice.network.tampering = (_, answer) => answer();
  await t.throwsAsync(bob.read('file'), { code: 'ENOENT' });
  lan.connect(alice.device, bob.device);
  t.is((await handle.finished).state, 'done');
  await sameBytes(t, bob, 'file', bytes);
});

test('what went wrong is not told any more of a download that goes on, nor of one that is cancelled then', async (t) => {
  const { lan, alice, bob } = await pair(t);
  await alice.write('file', randomBytes(4 * MIB));
  alice.announceTo(bob);
  const handle = await getPart(alice, bob, MIB);
  lan.disconnect(alice.device, bob.device);
  await untilView(bob, handle.id, ({ state, error }) => state === 'queued' && error?.code === 'NO_SOURCE');
  lan.connect(alice.device, bob.device);
  t.is((await untilView(bob, handle.id, ({ state }) => state === 'transferring')).error, null);
  t.is((await bob.downloads.cancel([handle.id]))[0]!.error, null);
});

test('what was given up while it was put in place is not tried again when that fails', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const { alice, bob } = await pair(t, { fileSystem });
  await alice.write('file', randomBytes(3 * MIB));
  alice.announceTo(bob);
  let cancelled: unknown;
  fileSystem.trouble = (operation) => {
    if (operation !== 'renameNew') return undefined;
    cancelled = bob.downloads.cancel([handle.id]);
    return 'EIO';
  };
  const handle = bob.get(alice, 'file');
  t.is((await handle.finished).state, 'cancelled');
  t.deepEqual(await cancelled, [], 'it was too late to say that it is');
  t.is(bob.downloads.active, 0);
});

test('after a crash what was verified is checked again and not fetched again', async (t) => {
  const { lan, alice, bob } = await pair(t);
  const bytes = randomBytes(8 * MIB);
  await alice.write('file', bytes);
  alice.announceTo(bob);
  const half = 8;
  const handle = await getPart(alice, bob, half * BLOCK);
  // The one block that was damaged while nobody looked is fetched anew.
  await bob.stop();
  lan.leave(bob.device);
  const [part] = await incomingOf(bob);
  const path = join(bob.folder, '.compartidos', 'incoming', part!);
  await writeFile(path, Buffer.alloc(10), { flag: 'r+' });
  await writeFile(join(bob.folder, '.compartidos', 'incoming', 'unknown.part'), 'left over');

  alice.network.tampering = (_, answer) => answer();
  alice.network.sent.clear();
  const again = await TransferPeer.start(t, lan, 'bob', { after: bob });
  t.deepEqual(await incomingOf(again), [part]);
  alice.announceTo(again);
  lan.connect(alice.device, again.device);
  const view = await untilView(again, handle.id, ({ state }) => state === 'done');
  t.is(view.bytes, bytes.length);
  await sameBytes(t, again, 'file', bytes);
  t.is(alice.network.sent.get(again.device), half + 1);
});

test('what a crash left under its final name, too, is not written to', async (t) => {
  const { lan, alice, bob } = await pair(t);
  const bytes = randomBytes(2 * MIB);
  await alice.write('file', bytes);
  alice.announceTo(bob);
  const handle = await getPart(alice, bob, MIB);
  await bob.stop();
  lan.leave(bob.device);
  const [part] = await incomingOf(bob);
  await link(join(bob.folder, '.compartidos', 'incoming', part!), join(bob.folder, 'placed'));
  await writeFile(join(bob.folder, 'placed'), 'edited in its place');

  alice.network.tampering = (_, answer) => answer();
  const again = await TransferPeer.start(t, lan, 'bob', { after: bob });
  alice.announceTo(again);
  lan.connect(alice.device, again.device);
  await untilView(again, handle.id, ({ state }) => state === 'done');
  await sameBytes(t, again, 'file', bytes);
  t.is(String(await again.read('placed')), 'edited in its place');
});

test('pause keeps what is here, resume goes on from there, cancel removes it', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = randomBytes(4 * MIB);
  await alice.write('file', bytes);
  alice.announceTo(bob);
  const handle = await getPart(alice, bob, MIB);
  t.is((await bob.downloads.pause([handle.id]))[0]!.state, 'paused');
  t.is((await incomingOf(bob)).length, 1);
  alice.network.tampering = (_, answer) => answer();
  alice.network.sent.clear();
  await bob.downloads.resume([]);
  t.is((await handle.finished).state, 'done');
  t.is(alice.network.sent.get(bob.device), 6);

  alice.network.tampering = () => new Promise(() => {});
  await alice.write('other', randomBytes(MIB));
  alice.announceTo(bob);
  const other = bob.get(alice, 'other');
  await untilView(bob, other.id, ({ state }) => state === 'connecting');
  await bob.downloads.cancel([other.id]);
  t.is((await other.finished).state, 'cancelled');
  await bob.stop();
  t.deepEqual(await incomingOf(bob), []);
  await t.throwsAsync(bob.downloads.pause(['nonsense']), { instanceOf: CompartidosError, code: 'NOT_FOUND' });
});

test('what has ended is neither paused nor cancelled nor told of again', async (t) => {
  const { alice, bob } = await pair(t);
  for (const name of ['done', 'under way']) await alice.write(name, Buffer.from(name));
  alice.announceTo(bob);
  const done = bob.get(alice, 'done');
  await done.finished;
  alice.network.tampering = () => new Promise(() => {});
  const other = bob.get(alice, 'under way');
  await untilView(bob, other.id, ({ state }) => state === 'connecting');
  const told: string[] = [];
  bob.downloads.events.on('changed', ({ id }) => told.push(id));
  for (const change of ['pause', 'resume', 'cancel'] as const) {
    const changed = await bob.downloads[change]([done.id, other.id]);
    t.deepEqual(
      changed.map(({ id }) => id),
      [other.id],
    );
    t.deepEqual(await bob.downloads[change]([done.id]), []);
  }
  await Promise.resolve();
  t.false(told.includes(done.id));
  t.deepEqual(await bob.downloads.cancel([]), []);
});

test('what is cancelled at any moment can be asked for again', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', Buffer.from('wanted after all'));
  alice.announceTo(bob);
  const refused = new CompartidosError('REQUEST_REFUSED', { reason: 'changed' });
  alice.network.tampering = () => Promise.reject(refused);
  const first = bob.get(alice, 'file');
  await untilView(bob, first.id, ({ state, error }) => state === 'queued' && error !== null);
  alice.network.tampering = (_, answer) => answer();

  let goOn = (): void => undefined;
  bob.index.refusal = () => new Promise((resolve) => (goOn = () => resolve(undefined)));
  alice.announceTo(bob);
  await untilView(bob, first.id, ({ state }) => state === 'connecting');
  await bob.downloads.cancel([first.id]);
  goOn();
  bob.index.refusal = () => Promise.resolve(undefined);
  await first.finished;
  await new Promise((resolve) => setImmediate(resolve));

  const second = bob.get(alice, 'file');
  t.not(second.id, first.id);
  t.is((await second.finished).state, 'done');
  t.is(String(await bob.read('file')), 'wanted after all');
});

test('a new version restarts the download and keeps the blocks that still fit', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = randomBytes(4 * MIB);
  await alice.write('file', bytes);
  alice.announceTo(bob);
  const handle = await getPart(alice, bob, 2 * MIB);
  const changed = Buffer.from(bytes);
  changed.fill(1, 0, 10);
  await alice.write('file', changed);
  alice.network.tampering = (_, answer) => answer();
  alice.network.sent.clear();
  alice.announceTo(bob);
  t.is((await handle.finished).state, 'done');
  await sameBytes(t, bob, 'file', changed);
  t.is(alice.network.sent.get(bob.device), 5);
});

test('a file that changes while it is sent is refused, and comes in its new version', async (t) => {
  const { alice, bob } = await pair(t);
  await alice.write('file', randomBytes(2 * MIB));
  alice.announceTo(bob);
  const changed = randomBytes(2 * MIB + 1);
  await writeFile(join(alice.folder, 'file'), changed);
  const handle = bob.get(alice, 'file');
  await untilView(bob, handle.id, ({ error }) => error?.code === 'SOURCE_CHANGED');
  await alice.write('file', changed);
  alice.announceTo(bob);
  t.is((await handle.finished).state, 'done');
  await sameBytes(t, bob, 'file', changed);
  t.false(bob.events.some(({ event }) => event === 'peer.lied'));
});

test('what a person asks for, and takes back, is written down when it is answered', async (t) => {
  // No timer ever fires.
  const { lan, alice, bob } = await pair(t, { clock: new FakeClock() });
  await alice.write('small', Buffer.from('hello'));
  alice.announceTo(bob);
  lan.disconnect(alice.device, bob.device);
  const { id } = bob.get(alice, 'small');
  bob.downloads.keep();
  t.deepEqual([...bob.documents.all().keys()], [id]);
  await bob.downloads.cancel([id]);
  bob.downloads.keep();
  t.is(bob.documents.all().size, 0);
});

test('very many downloads are paused, resumed and cancelled a few at a time', async (t) => {
  const clock = new FakeClock();
  const lan = new MemoryLan();
  const [alice, bob] = await Promise.all(
    ['alice', 'bob'].map((name) => TransferPeer.start(t, lan, name, { clock })),
  );
  await alice!.write('file', Buffer.from('wanted'));
  const at = (number: number) => parseRelativePath(`copy ${number}`);
  for (let number = 0; number < 1500; number += 1) bob!.get(alice!, 'file', { target: at(number) });
  const count = (state: string) => bob!.downloads.list().filter((view) => view.state === state).length;
  const steps = { pause: 'paused', resume: 'queued', cancel: 'cancelled' } as const;
  for (const change of ['pause', 'resume', 'cancel'] as const) {
    let changed: unknown[] | undefined;
    const before = bob!.downloads.active;
    void bob!.downloads[change]([]).then((views) => (changed = views));
    const once = change === 'resume' ? before - count('paused') : count(steps[change]);
    t.true(once > 0 && once <= 200, `${once} at once`);
    // Who is cancelled is forgotten by and by, so that later ones may be gone before their turn.
    while (!changed) await clock.advance(1);
    t.is(changed.length, 1500);
  }
  t.is(bob!.downloads.active, 0);
});
