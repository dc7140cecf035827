import { randomBytes } from 'node:crypto';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { DiskSpace } from '../../src/transfer/disk-space.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { pair, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const MIB = 1024 * 1024;

test('space that is to be kept free is not used, and is looked for before anything is fetched', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  fileSystem.available = 10 * MIB;
  const clock = new FakeClock();
  const { alice, bob } = await pair(t, { fileSystem, clock, minFree: 8 * MIB });
  await alice.write('large', randomBytes(3 * MIB));
  await alice.write('small', randomBytes(MIB));
  alice.announceTo(bob);
  const large = bob.get(alice, 'large');
  const view = await untilView(bob, large.id, ({ state }) => state === 'paused');
  t.like(view.error, { code: 'DISK_FULL', params: { path: 'large', needed: 3 * MIB, free: 2 * MIB } });
  t.is(alice.network.sent.get(bob.device), undefined);
  t.is((await bob.get(alice, 'small').finished).state, 'done');
  fileSystem.available = 20 * MIB;
  let done = false;
  void large.finished.then(() => (done = true));
  while (!done) await clock.advance(1000);
  t.is(large.view().state, 'done');
});

test('what small files have taken is not promised again before the disk is looked at', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  fileSystem.available = 10 * MIB;
  const { alice, bob } = await pair(t, { fileSystem, clock: new FakeClock(), minFree: 8 * MIB });
  const names = ['one', 'two', 'three'];
  for (const name of names) await alice.write(name, randomBytes(900_000));
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'one').finished).state, 'done');
  t.is((await bob.get(alice, 'two').finished).state, 'done');
  const three = await untilView(bob, bob.get(alice, 'three').id, ({ state }) => state === 'paused');
  t.is(three.error?.code, 'DISK_FULL');
});

test('space is promised once, however many ask for it in one turn', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  fileSystem.available = 10 * MIB;
  const space = new DiskSpace({ fileSystem, clock: new FakeClock(), folder: '/', minFree: MIB });
  const asked = await Promise.allSettled(['a', 'b', 'c'].map(async (path) => space.reserve(4 * MIB, path)));
  t.deepEqual(
    asked.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected'],
  );
  t.is(await space.free(), MIB);
});

test('what has arrived before the disk was full needs no room again', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  fileSystem.available = 10 * MIB;
  const clock = new FakeClock();
  const { alice, bob } = await pair(t, { fileSystem, clock });
  const bytes = randomBytes(6 * MIB);
  await alice.write('file', bytes);
  alice.announceTo(bob);
  let writes = 0;
  fileSystem.trouble = (operation) => (operation === 'write' && (writes += 1) > 1 ? 'ENOSPC' : undefined);
  const handle = bob.get(alice, 'file');
  await untilView(bob, handle.id, ({ state }) => state === 'paused');
  fileSystem.trouble = () => undefined;
  // Less than the file takes in all.
  fileSystem.available = bytes.length - 1;
  let done = false;
  void handle.finished.then(() => (done = true));
  while (!done) await clock.advance(1000);
  t.is(handle.view().state, 'done');
  await sameBytes(t, bob, 'file', bytes);
});

test('less that is to be kept free lets go on what it has stopped', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  fileSystem.available = 10 * MIB;
  const space = new DiskSpace({ fileSystem, clock: new FakeClock(), folder: '/', minFree: 8 * MIB });
  await t.throwsAsync(async () => space.reserve(3 * MIB, 'file'), { code: 'DISK_FULL' });
  space.configure(7 * MIB);
  await t.notThrowsAsync(async () => space.reserve(3 * MIB, 'file'));
});
