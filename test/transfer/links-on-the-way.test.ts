import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { LocalChanges } from '../../src/transfer/local-changes.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { RulePeer } from '../support/rule-peer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { pair, untilView } from '../support/transfer-checks.ts';

/** A folder outside, with the same folders in it as below the link that leads there. */
async function linkOut(t: ExecutionContext, folder: string, link: string, path: string): Promise<string> {
  const outside = await temporaryFolder(t);
  await mkdir(dirname(join(folder, link)), { recursive: true });
  await symlink(outside, join(folder, link));
  await mkdir(dirname(join(outside, path.slice(link.length + 1))), { recursive: true });
  return outside;
}

/** Names of files and links below `folder`. */
async function filesBelow(folder: string): Promise<string[]> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true });
  return items.filter((item) => !item.isDirectory()).map(({ name }) => name);
}

const PATH = 'a/b/c/file';

for (const link of ['a', 'a/b', 'a/b/c']) {
  for (const size of [10, 3 * 1024 * 1024]) {
    test(`nothing is fetched through the link ${link} that leads out, be it ${size} bytes`, async (t) => {
      const { alice, bob } = await pair(t);
      await alice.write(PATH, Buffer.alloc(size, 1));
      alice.announceTo(bob);
      const outside = await linkOut(t, bob.folder, link, PATH);
      const { id } = bob.get(alice, PATH);
      const { state, error } = await untilView(bob, id, (view) => view.error !== null);
      t.deepEqual([state, error?.code], ['failed', 'NAME_UNSUPPORTED']);
      t.deepEqual(await filesBelow(outside), []);
    });
  }

  test(`nothing is restored or renamed through the link ${link} that leads out`, async (t) => {
    const one = await RulePeer.start(t, new MemoryLan(), 'one');
    const { index, catalogue, folder } = one.peer;
    const parts = { fileSystem: new NodeFileSystem(), index, catalogue, folder, gate: new FolderGate(index) };
    const changes = new LocalChanges({ ...parts, trash: one.trash });
    await one.write(PATH, 'discarded');
    const id = await one.trash.discard(parseRelativePath(PATH), 'deleted');
    await one.remove('a');
    const outside = await linkOut(t, folder, link, PATH);
    await t.throwsAsync(one.trash.restore(id), { code: 'NAME_UNSUPPORTED' });
    await writeFile(join(folder, 'file'), 'ours');
    const ours = (await index.touched(parseRelativePath('file')))!;
    const entry = { ...ours, path: parseRelativePath(PATH) };
    const tombstone = { ...ours, deleted: true };
    await t.throwsAsync(changes.rename({ type: 'rename', ours, tombstone, entry }), {
      code: 'NAME_UNSUPPORTED',
    });
    t.deepEqual(await filesBelow(outside), []);
    t.deepEqual(await one.discarded(), ['discarded']);
    t.is((await one.peer.read('file')).toString(), 'ours');
  });
}
