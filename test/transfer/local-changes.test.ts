import { writeFile } from 'node:fs/promises';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { incrementVersion } from '../../src/model/version-vector.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { LocalChanges } from '../../src/transfer/local-changes.ts';
import { deviceNamed } from '../support/entries.ts';
import { scanLab } from '../support/scan-lab.ts';

test('what was decided about a file that was still being hashed is done to it with all its hashes', async (t) => {
  const lab = await scanLab(t);
  const { index, folder } = lab;
  const fileSystem = new NodeFileSystem();
  const noTrash = { discard: () => Promise.reject(new Error()), move: () => Promise.reject(new Error()) };
  const gate = new FolderGate(index);
  const changes = new LocalChanges({
    fileSystem,
    index,
    gate,
    folder,
    trash: noTrash,
  });
  await writeFile(lab.path('file'), 'x');
  await lab.scan();
  const known = index.get(parseRelativePath('file'))!;
  const ours = { ...known, blocks: new Uint8Array(), hash: undefined };
  const version = incrementVersion(ours.version, deviceNamed('other'), 1);
  const mtimeUs = ours.mtimeUs - 1_000_000;

  t.is(await changes.adopt(ours, { ...ours, version, mtimeUs }), 'done');

  const { blocks, hash, ...facts } = index.get(known.path)!;
  t.deepEqual({ blocks, hash }, { blocks: known.blocks, hash: known.hash });
  t.like(facts, { version, mtimeUs });
  t.is((await fileSystem.lstat(lab.path('file'))).mtimeUs, mtimeUs);
  t.is(await changes.adopt(ours, ours), 'changed');
});
