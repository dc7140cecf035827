import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { pair, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const sizes = { small: 1000, large: 3 * 1024 * 1024 };

for (const [what, size] of Object.entries(sizes)) {
  for (const name of ['incoming', 'trash']) {
    for (const replacement of ['file', 'link'] as const) {
      test(`what is ${what} waits while a ${replacement} is in the place of ${name}, and says so`, async (t) => {
        const clock = new FakeClock();
        const { alice, bob } = await pair(t, { clock });
        const elsewhere = await temporaryFolder(t);
        const bytes = randomBytes(size);
        // What is there already has to make room by way of the trash.
        const mirrored = { reason: 'rule', mode: 'mirror', ruleId: 'r' } as const;
        await alice.write('file', Buffer.from('older'));
        alice.announceTo(bob);
        await bob.get(alice, 'file', mirrored).finished;
        await alice.write('file', bytes);
        alice.announceTo(bob);
        const path = join(bob.folder, '.compartidos', name);
        await rm(path, { recursive: true, force: true });
        await (replacement === 'file' ? writeFile(path, '') : symlink(elsewhere, path));
        // An agent that has just started has no reason to take it for a folder.
        if (replacement === 'link') await t.throwsAsync(bob.incoming.prepare().then(() => bob.trash.list()));

        const handle = bob.get(alice, 'file', mirrored);
        const { error } = await untilView(bob, handle.id, ({ state }) => state === 'paused');
        const params = { path: `.compartidos/${name}`, reason: 'folder-replaced' };
        t.like(error, { code: 'DISK_ERROR', params });
        t.is(String(await bob.read('file')), 'older');
        t.deepEqual(await readdir(elsewhere), []);

        await rm(path);
        await mkdir(path);
        let done = false;
        void handle.finished.then(() => (done = true));
        while (!done) await clock.advance(1000);
        await sameBytes(t, bob, 'file', bytes);
      });
    }
  }
}

test('what may not be written is told of by the folder whose rights are wrong', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const { alice, bob } = await pair(t, { fileSystem });
  await alice.write('file', randomBytes(sizes.large));
  alice.announceTo(bob);
  const incoming = join(bob.folder, '.compartidos', 'incoming');
  fileSystem.trouble = (operation, path) =>
    operation === 'open' && path.startsWith(incoming) ? 'EACCES' : undefined;
  const handle = bob.get(alice, 'file');
  const { error } = await untilView(bob, handle.id, ({ state }) => state === 'paused');
  t.like(error, { code: 'PERMISSION_DENIED', params: { path: '.compartidos/incoming' } });
});
