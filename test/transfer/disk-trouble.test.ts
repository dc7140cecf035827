import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { explain } from '../../src/transfer/disk-trouble.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { pair, sameBytes, untilView } from '../support/transfer-checks.ts';
import { trashLab } from '../support/trash-lab.ts';
import { TransferPeer } from '../support/transfer-peer.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const MIB = 1024 * 1024;

for (const [system, code] of [
  ['ENOSPC', 'DISK_FULL'],
  ['EROFS', 'DISK_READ_ONLY'],
  ['EIO', 'DISK_ERROR'],
  ['EACCES', 'PERMISSION_DENIED'],
  ['EBUSY', 'PERMISSION_DENIED'],
] as const) {
  test(`a download that meets ${system} waits, says why, and goes on when it is over`, async (t) => {
    const fileSystem = new TroubledFileSystem(new NodeFileSystem());
    const clock = new FakeClock();
    const { alice, bob } = await pair(t, { fileSystem, clock });
    const bytes = randomBytes(3 * MIB);
    await alice.write('file', bytes);
    alice.announceTo(bob);
    fileSystem.trouble = (operation) => (operation === 'write' ? system : undefined);
    const handle = bob.get(alice, 'file');
    const paused = await untilView(bob, handle.id, ({ state }) => state === 'paused');
    t.is(paused.error!.code, code);
    await clock.advance(20_000);
    t.is(handle.view().state, 'paused');
    fileSystem.trouble = () => undefined;
    let done = false;
    const finished = handle.finished.then((view) => {
      done = true;
      return view;
    });
    while (!done) await clock.advance(1000);
    t.is((await finished).state, 'done');
    await sameBytes(t, bob, 'file', bytes);
  });
}

test('nothing is put into the mount point of a shared folder that was unmounted in use', async (t) => {
  const clock = new FakeClock();
  const { alice, bob } = await pair(t, { clock });
  const bytes = randomBytes(3 * MIB);
  await alice.write('large', bytes);
  await alice.write('small', randomBytes(1000));
  await mkdir(join(alice.folder, 'folder'));
  await alice.index.refresh(parseRelativePath('folder'));
  alice.announceTo(bob);
  await rename(bob.folder, `${bob.folder}-disk`);
  await mkdir(bob.folder);
  const handles = ['large', 'small', 'folder'].map((path) => bob.get(alice, path));
  for (const { id } of handles) {
    const { error } = await untilView(bob, id, ({ state }) => state === 'paused');
    t.is(error!.params['folder'], bob.folder);
  }
  await clock.advance(20_000);
  t.deepEqual(
    handles.map((handle) => handle.view().state),
    ['paused', 'paused', 'paused'],
  );
  t.deepEqual(await readdir(bob.folder), []);

  await rm(bob.folder, { recursive: true });
  await rename(`${bob.folder}-disk`, bob.folder);
  let isDone = false;
  const finished = Promise.all(handles.map((handle) => handle.finished)).then(() => (isDone = true));
  while (!isDone) await clock.advance(1000);
  await finished;
  await sameBytes(t, bob, 'large', bytes);
});

for (const [what, edit, system] of [
  ['replaced', undefined, 'ENOSPC'],
  ['set aside', 'edited here', 'EIO'],
] as const) {
  test(`what was to be ${what} stays when the newcomer meets ${system}, and is not told of as deleted`, async (t) => {
    const fileSystem = new TroubledFileSystem(new NodeFileSystem());
    const clock = new FakeClock();
    const { alice, bob } = await pair(t, { fileSystem, clock });
    const mirrored = { reason: 'rule', mode: 'mirror', ruleId: 'r' } as const;
    await alice.write('file', Buffer.from('older'));
    alice.announceTo(bob);
    await bob.get(alice, 'file', mirrored).finished;
    if (edit) await bob.write('file', Buffer.from(edit));
    await alice.write('file', Buffer.from('newer content'));
    alice.announceTo(bob);
    let failures = 0;
    fileSystem.trouble = (operation, path) =>
      operation === 'renameNew' && path === join(bob.folder, 'file') && (failures += 1) === 1
        ? system
        : undefined;
    const handle = bob.get(alice, 'file', mirrored);
    await untilView(bob, handle.id, ({ state }) => state === 'paused');
    t.deepEqual(await readdir(bob.folder), ['.compartidos', 'file']);
    t.is(String(await bob.read('file')), edit ?? 'older');
    t.false((await bob.index.refresh(parseRelativePath('file')))!.deleted);
    t.deepEqual(await readdir(join(bob.folder, '.compartidos/trash')), []);
    let done = false;
    void handle.finished.then(() => (done = true));
    while (!done) await clock.advance(1000);
    await sameBytes(t, bob, 'file', Buffer.from('newer content'));
  });
}

test('what another program has open stays as it is, and is replaced when that lets it go', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const clock = new FakeClock();
  const { alice, bob } = await pair(t, { fileSystem, clock });
  await alice.write('file', Buffer.from('older'));
  alice.announceTo(bob);
  await bob.get(alice, 'file').finished;
  await alice.write('file', Buffer.from('newer content'));
  alice.announceTo(bob);
  fileSystem.trouble = (operation, path) =>
    operation === 'rename' && path.includes('trash') ? 'EBUSY' : undefined;
  const handle = bob.get(alice, 'file');
  const { error } = await untilView(bob, handle.id, ({ state }) => state === 'paused');
  t.is(error!.params['reason'], 'EBUSY');
  t.is(String(await bob.read('file')), 'older');
  t.deepEqual(await readdir(join(bob.folder, '.compartidos/trash')), []);
  fileSystem.trouble = () => undefined;
  let done = false;
  void handle.finished.then(() => (done = true));
  while (!done) await clock.advance(1000);
  await sameBytes(t, bob, 'file', Buffer.from('newer content'));
});

test('what cannot be moved to the trash for good is back in its place', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const { trash, write, read, inside } = await trashLab(t, fileSystem);
  await write('x', 'one');
  let syncs = 0;
  fileSystem.trouble = (operation) =>
    operation === 'syncDirectory' && (syncs += 1) === 2 ? 'EIO' : undefined;
  await t.throwsAsync(trash.discard(parseRelativePath('x'), 'deleted'), { code: 'EIO' });
  t.is(await read('x'), 'one');
  t.deepEqual(await inside(), []);
});

test('a peer starts and serves though what an earlier run left cannot be removed', async (t) => {
  for (const cause of ['EROFS', 'a file']) {
    const fileSystem = new TroubledFileSystem(new NodeFileSystem());
    const { lan, alice, bob } = await pair(t);
    await alice.write('file', randomBytes(1000));
    const incoming = join(alice.folder, '.compartidos', 'incoming');
    if (cause === 'EROFS') await writeFile(join(incoming, '0123456789abcdef.part'), 'left');
    await alice.stop();
    lan.leave(alice.device);
    if (cause === 'EROFS') fileSystem.trouble = (operation) => (operation === 'unlink' ? cause : undefined);
    else {
      await rm(incoming, { recursive: true });
      await writeFile(incoming, cause);
    }
    const again = await TransferPeer.start(t, lan, 'alice', { after: alice, fileSystem });
    t.is(again.logged('downloads.tidy-failed').length, 1);
    await again.index.refresh(parseRelativePath('file'));
    again.announceTo(bob);
    lan.connect(again.device, bob.device);
    t.is((await bob.get(again, 'file').finished).state, 'done');
  }
});

test('what the disk has paused goes on after a restart, what a person has paused does not', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const { lan, alice, bob } = await pair(t, { fileSystem });
  const bytes = randomBytes(3 * MIB);
  for (const name of ['file', 'other']) await alice.write(name, bytes);
  alice.announceTo(bob);
  fileSystem.trouble = (operation) => (operation === 'write' ? 'EIO' : undefined);
  const { id } = bob.get(alice, 'file');
  await untilView(bob, id, ({ state }) => state === 'paused');
  const { id: other } = bob.get(alice, 'other');
  await untilView(bob, other, ({ state }) => state === 'paused');
  await bob.downloads.pause([other]);
  await bob.stop();
  lan.leave(bob.device);

  const again = await TransferPeer.start(t, lan, 'bob', { after: bob });
  alice.announceTo(again);
  lan.connect(alice.device, again.device);
  await untilView(again, id, ({ state }) => state === 'done');
  await sameBytes(t, again, 'file', bytes);
  t.is(again.downloads.list().find((view) => view.id === other)?.state, 'paused');
});

test('a database that is full counts as the disk', (t) => {
  const codes = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_READONLY_DBMOVED', 'SQLITE_CONSTRAINT'];
  t.deepEqual(
    codes.map(
      (code) => explain(Object.assign(new Error(), { code }), { path: 'file', folder: '/shared' }).code,
    ),
    ['DISK_FULL', 'DISK_ERROR', 'DISK_READ_ONLY', 'INTERNAL'],
  );
});

test('whatever fails, whenever: in the end the exact bytes are there, and never anything else', async (t) => {
  const operations = [
    'open',
    'write',
    'truncate',
    'sync',
    'read',
    'renameNew',
    'setModified',
    'syncDirectory',
    'makeDirectory',
    'lstat',
  ];
  const failure = fc.record({
    operation: fc.constantFrom(...operations),
    after: fc.nat(6),
    code: fc.constantFrom('ENOSPC', 'EIO', 'EACCES', 'EBUSY', 'EMFILE'),
  });
  const network = fc.array(fc.constantFrom('answer', 'lie', 'refuse', 'cut', 'changed'), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(failure, { maxLength: 4 }), network, async (failures, answers) => {
      const fileSystem = new TroubledFileSystem(new NodeFileSystem());
      const clock = new FakeClock();
      const { lan, alice, bob } = await pair(t, { fileSystem, clock });
      const bytes = randomBytes(600_000);
      await alice.write('folder/file', bytes);
      alice.announceTo(bob);
      const left = failures.map((planned) => ({ ...planned }));
      fileSystem.trouble = (operation) => {
        const planned = left.find((candidate) => candidate.operation === operation);
        if (!planned) return undefined;
        planned.after -= 1;
        if (planned.after >= 0) return undefined;
        left.splice(left.indexOf(planned), 1);
        return planned.code;
      };
      const planned = [...answers];
      alice.network.tampering = async (_, answer) => {
        const next = planned.shift() ?? 'answer';
        if (next === 'lie') return Buffer.alloc((await answer()).length, 7);
        if (next === 'answer') return answer();
        if (next === 'cut') lan.disconnect(alice.device, bob.device);
        throw Object.assign(new Error(next), {});
      };
      const handle = bob.get(alice, 'folder/file');
      let done = false;
      void handle.finished.then(() => (done = true));
      for (let turn = 0; !done; turn += 1) {
        await clock.advance(500);
        // A new session forgives what was done in the last.
        if (turn % 20 === 19) {
          lan.disconnect(alice.device, bob.device);
          lan.connect(alice.device, bob.device);
        }
        const names = await readdir(bob.folder, { recursive: true });
        if (names.includes('folder/file')) {
          const content = await bob.read('folder/file');
          if (!content.equals(bytes)) return false;
        }
      }
      const { state } = handle.view();
      await bob.stop();
      await alice.stop();
      return state === 'done' && (await bob.read('folder/file')).equals(bytes);
    }),
    { numRuns: 40 },
  );
  t.pass();
});

test('whoever may not write is told where: in our own folder, or where a file was to go to from there', (t) => {
  const own = '/shared/.compartidos/incoming/1.part';
  const told = (facts: object) =>
    explain(Object.assign(new Error(), { code: 'EACCES', ...facts }), { path: 'a/x', folder: '/shared' })
      .params['path'];
  t.is(told({ path: own }), '.compartidos/incoming');
  t.is(told({ path: own, dest: '/shared/a/x' }), 'a/x');
  t.is(told({ path: '/shared/a/x', dest: '/shared/.compartidos/trash/1' }), '.compartidos/trash');
});
