import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { examineConfig, loadSettings } from '../../src/config/load-settings.ts';
import { isShareable } from '../../src/config/shareable-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('neither a root nor the home folder nor what contains it is shared, by whatever name', async (t) => {
  const base = await temporaryFolder(t);
  const home = join(base, 'home', 'ana');
  await mkdir(home, { recursive: true });
  await symlink(base, join(base, 'link'));
  for (const folder of [
    '/',
    base,
    dirname(home),
    home,
    join(base, 'link'),
    join(base, 'link', 'home', 'ana'),
  ]) {
    t.false(await isShareable(folder, home), folder);
    t.false(await isShareable(folder, join(base, 'link', 'home', 'ana')), folder);
  }
  for (const folder of [join(home, 'shared'), join(home, 'a', 'b'), `${home}-2`, join(base, '..x')]) {
    t.true(await isShareable(folder, home), folder);
  }
});

test('without a home folder of its own only the root is refused', async (t) => {
  const base = await temporaryFolder(t);
  for (const home of ['/', undefined]) {
    t.true(await isShareable(base, home));
    t.false(await isShareable('/', home));
  }
});

test('a folder that may not be shared is refused where it is named', async (t) => {
  const file = join(await temporaryFolder(t), 'config.yaml');
  await writeFile(file, `port: 1\nfolder: ${homedir()}\n`);
  const problem = { problem: 'not-shareable', key: 'folder', got: homedir(), line: 2, column: 9 };
  t.like(await examineConfig(file, { optional: false }), { problems: [problem] });
  const error = await t.throwsAsync(loadSettings(file, { optional: false }), { code: 'CONFIG_INVALID' });
  t.like(error, { params: { file, ...problem } });
  const overridden = await t.throwsAsync(
    loadSettings(file, { optional: false, overrides: { folder: '/' } }),
    { code: 'CONFIG_INVALID' },
  );
  t.like(overridden, { params: { problem: 'not-shareable', key: '--folder', got: '/' } });
  const overrides = { folder: join(dirname(file), 'shared') };
  t.is((await loadSettings(file, { optional: false, overrides })).folder, overrides.folder);
});
