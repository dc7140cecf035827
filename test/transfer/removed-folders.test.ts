import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { pair, untilView } from '../support/transfer-checks.ts';
import { TroubledFileSystem, type FileOperation } from '../support/troubled-file-system.ts';

/** Removes `top` just before something is given a name in `deep`, once. */
function removeOnce(top: string, deep: string) {
  let isLeft = true;
  return (operation: FileOperation, path: string) => {
    const isNaming = ['rename', 'renameNew', 'makeDirectory'].includes(operation);
    if (isLeft && isNaming && dirname(path) === deep) {
      isLeft = false;
      rmSync(top, { recursive: true });
    }
    return undefined;
  };
}

for (const [what, size] of [
  ['small file', 1000],
  ['large file', 3 * 1024 * 1024],
  ['folder', undefined],
] as const) {
  test(`a ${what} is put in place although somebody removes the folders above it at that moment`, async (t) => {
    const fileSystem = new TroubledFileSystem(new NodeFileSystem());
    const { alice, bob } = await pair(t, { fileSystem, clock: new FakeClock() });
    await mkdir(join(alice.folder, 'top/deep'), { recursive: true });
    const path = 'top/deep/it';
    if (size) await alice.write(path, randomBytes(size));
    else {
      await mkdir(join(alice.folder, path));
      await alice.index.refresh(parseRelativePath(path));
    }
    alice.announceTo(bob);
    fileSystem.trouble = removeOnce(join(bob.folder, 'top'), join(bob.folder, 'top/deep'));
    const { id } = bob.get(alice, path);
    const { state, error } = await untilView(bob, id, (view) => ['done', 'paused'].includes(view.state));
    t.is(error?.code, undefined);
    t.is(state, 'done');
  });
}

test('a file that is to be replaced is put in place although it is removed at that moment', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const { alice, bob } = await pair(t, { fileSystem, clock: new FakeClock() });
  await alice.write('folder/file', Buffer.from('older'));
  alice.announceTo(bob);
  await bob.get(alice, 'folder/file').finished;
  await alice.write('folder/file', Buffer.from('newer content'));
  alice.announceTo(bob);
  fileSystem.trouble = removeOnce(join(bob.folder, 'folder'), join(bob.folder, '.compartidos/trash'));
  const { id } = bob.get(alice, 'folder/file');
  const { state } = await untilView(bob, id, (view) => ['done', 'paused'].includes(view.state));
  t.is(state, 'done');
});

test('a folder that is removed before it is flushed keeps nothing from being put in place', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const { alice, bob } = await pair(t, { fileSystem, clock: new FakeClock() });
  for (const path of ['gone/file', 'kept/file']) await alice.write(path, randomBytes(1000));
  alice.announceTo(bob);
  fileSystem.trouble = (operation, path) => {
    if (operation === 'syncDirectory' && path === join(bob.folder, 'gone'))
      rmSync(path, { recursive: true, force: true });
    return undefined;
  };
  const ids = ['gone/file', 'kept/file'].map((path) => bob.get(alice, path).id);
  for (const id of ids) {
    const { state } = await untilView(bob, id, (view) => ['done', 'paused'].includes(view.state));
    t.is(state, 'done');
  }
});

for (const [what, path, size] of [
  ['folder', 'top', undefined],
  ['small file', 'top/deep/file', 1000],
  ['large file', 'top/deep/file', 3 * 1024 * 1024],
] as const) {
  test(`nothing is made for a ${what} where a disk was unmounted, and it comes when the disk is back`, async (t) => {
    const clock = new FakeClock();
    const { alice, bob } = await pair(t, { clock });
    if (size) await alice.write(path, randomBytes(size));
    else {
      await mkdir(join(alice.folder, path));
      await alice.index.refresh(parseRelativePath(path));
    }
    await alice.write('before', Buffer.from('x'));
    alice.announceTo(bob);
    await bob.get(alice, 'before').finished;
    await rename(bob.folder, `${bob.folder}-disk`);
    await mkdir(bob.folder);
    const handle = bob.get(alice, path);
    const { error } = await untilView(bob, handle.id, ({ state }) => state === 'paused');
    t.regex(error!.code, /^FOLDER_/);
    t.deepEqual(await readdir(bob.folder), []);
    await rmdir(bob.folder);
    await rename(`${bob.folder}-disk`, bob.folder);
    let done = false;
    void handle.finished.then(() => (done = true));
    while (!done) await clock.advance(1000);
    t.deepEqual((await readdir(bob.folder)).sort(), ['.compartidos', 'before', 'top']);
  });
}
