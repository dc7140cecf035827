import { utimes, writeFile } from 'node:fs/promises';
import test from 'ava';
import { HASH_BYTES } from '../../src/model/block-layout.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { compareVersions } from '../../src/model/version-vector.ts';
import { BLOCK } from '../support/block-size.ts';
import { scanLab } from '../support/scan-lab.ts';
import { seededBytes } from '../support/seeded-bytes.ts';

test('what was not read to its end has the same version afterwards, unless somebody has changed it', async (t) => {
  const lab = await scanLab(t);
  const names = ['whole', 'begun', 'touched', 'other'];
  for (const name of names) await writeFile(lab.path(name), seededBytes('what it was', BLOCK + 1));
  await lab.scan();
  const before = new Map(names.map((name) => [name, lab.store.get(parseRelativePath(name))!]));
  for (const [name, entry] of before) {
    const known = name === 'whole' ? 0 : HASH_BYTES;
    const blocks = name === 'other' ? new Uint8Array(known) : entry.blocks.subarray(0, known);
    lab.store.put([
      { entry: { ...entry, blocks, hash: undefined }, disk: lab.store.facts(entry.path)?.disk },
    ]);
  }
  await utimes(lab.path('touched'), 1, 1);
  await lab.scan();
  for (const [name, { path, version, hash }] of before) {
    const now = lab.store.get(path)!;
    t.deepEqual(now.hash, hash, name);
    t.is(
      compareVersions(now.version, version),
      name === 'whole' || name === 'begun' ? 'equal' : 'newer',
      name,
    );
  }
});
