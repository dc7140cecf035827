import { writeFile } from 'node:fs/promises';
import test from 'ava';
import { IGNORE_FILE, parseRelativePath } from '../../src/model/relative-path.ts';
import { scanLab } from '../support/scan-lab.ts';

test('what is ignored is not shared for being asked about', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path(IGNORE_FILE), '*.log');
  await lab.scan();
  for (const name of ['a.log', 'a.txt']) await writeFile(lab.path(name), name);
  t.is(await lab.index.refresh(parseRelativePath('a.log')), undefined);
  t.false((await lab.index.refresh(parseRelativePath('a.txt')))?.deleted);
  t.deepEqual(
    lab.announced.map(({ path }) => path),
    [parseRelativePath('a.txt')],
  );
});
