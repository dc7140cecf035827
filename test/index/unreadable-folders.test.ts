import { mkdir } from 'node:fs/promises';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { scanLab } from '../support/scan-lab.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

test('what was away for a moment is not taken for deleted when its folder cannot be listed', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const lab = await scanLab(t, undefined, { files });
  await mkdir(lab.path('sub'));
  await lab.place('sub/file', 'content');
  await lab.scan();
  for (const code of ['EMFILE', 'EACCES', 'EIO']) {
    let looks = 0;
    files.trouble = (operation, path) => {
      if (operation === 'readDirectory' && path === lab.path('sub')) return code;
      if (operation !== 'lstat' || path !== lab.path('sub/file')) return undefined;
      looks += 1;
      return looks === 1 ? 'ENOENT' : undefined;
    };
    await lab.index.refresh(parseRelativePath('sub/file'));
    t.true(looks > 1);
    t.deepEqual(
      lab.announced.filter(({ deleted }) => deleted),
      [],
    );
  }
});
