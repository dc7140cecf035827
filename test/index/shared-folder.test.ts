import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { CompartidosError } from '../../src/core/errors.ts';
import type { FileSystem } from '../../src/core/file-system.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemRandom } from '../../src/core/random.ts';
import { SharedFolder } from '../../src/index/shared-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

async function lab(t: ExecutionContext, files: FileSystem = new NodeFileSystem()) {
  const root = join(await temporaryFolder(t), 'compartidos');
  const metas = new Map<string, string | number>();
  const memory = {
    meta: (key: string) => metas.get(key),
    setMeta: (key: string, value: string | number) => void metas.set(key, value),
  };
  const shared = new SharedFolder(root, files, memory, systemRandom);
  const problem = async (isFirstStart = false) => {
    try {
      await shared.verify(isFirstStart);
      return undefined;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  return { root, metas, shared, problem, marker: join(root, '.compartidos', 'marker') };
}

test('the first start makes the folder and its marker', async (t) => {
  const { root, metas, problem, marker } = await lab(t);
  t.is(await problem(true), undefined);
  t.regex(await readFile(marker, 'utf8'), /^[0-9a-f]{32}\n$/);
  t.is(await problem(), undefined);
  t.is(metas.size, 1);
  await rename(root, `${root}-away`);
  t.is(await problem(), 'FOLDER_MISSING');
  await rename(`${root}-away`, root);
  t.is(await problem(), undefined);
});

test('a folder that is there is taken as it is, with the marker of another index too', async (t) => {
  const { root, problem, marker } = await lab(t);
  await mkdir(join(root, '.compartidos'), { recursive: true });
  await writeFile(join(root, 'file'), 'content');
  await writeFile(marker, 'ab'.repeat(16));
  t.is(await problem(true), undefined);
  t.is(await readFile(marker, 'utf8'), 'ab'.repeat(16));
  t.is(await problem(), undefined);
});

test('a folder without its marker, or with another one, is not ours', async (t) => {
  const { root, problem, marker } = await lab(t);
  await problem(true);
  const own = await readFile(marker);
  await rm(marker);
  t.is(await problem(), 'FOLDER_CHANGED');
  await writeFile(marker, 'ab'.repeat(16));
  t.is(await problem(), 'FOLDER_CHANGED');
  await writeFile(marker, own);
  t.is(await problem(), undefined);
  await rm(root, { recursive: true });
  await writeFile(root, 'a file');
  t.is(await problem(), 'FOLDER_MISSING');
});

test('an empty marker, made by the user, says that another folder is meant', async (t) => {
  const { problem, marker } = await lab(t);
  await problem(true);
  await writeFile(marker, '');
  t.is(await problem(), undefined);
  t.regex(await readFile(marker, 'utf8'), /^[0-9a-f]{32}\n$/);
  t.is(await problem(), undefined);
});

test('the first start makes the folder with what it lies in, and no other start does', async (t) => {
  const { root, problem } = await lab(t);
  await rm(join(root, '..'), { recursive: true });
  t.is(await problem(true), undefined);
  await rm(join(root, '..'), { recursive: true });
  t.is(await problem(), 'FOLDER_MISSING');
});

test('why a folder cannot be used is said', async (t) => {
  const reasonOf = async (prepare: (root: string) => Promise<unknown>, refused?: string) => {
    const files = new TroubledFileSystem(new NodeFileSystem());
    const { root, shared } = await lab(t, files);
    await prepare(root);
    files.trouble = (operation, path) =>
      operation === refused && path.includes(root) ? 'EACCES' : undefined;
    const error = await t.throwsAsync<CompartidosError>(shared.verify(true), { code: 'FOLDER_MISSING' });
    t.is(error.params['folder'], root);
    t.false(shared.isKnown);
    return error.params['reason'];
  };
  t.is(await reasonOf((root) => writeFile(root, 'a file')), 'ENOTDIR');
  t.is(await reasonOf((root) => symlink('/dev/null', root)), 'ENOTDIR');
  t.is(await reasonOf((root) => symlink('nowhere', root)), 'link-invalid');
  const inTheWay = async (root: string) => {
    await mkdir(root);
    await writeFile(join(root, '.compartidos'), 'a file');
  };
  t.is(await reasonOf(inTheWay), 'no-own-folder');
  const nothing = () => Promise.resolve();
  t.is(await reasonOf(nothing, 'makeDirectory'), 'EACCES');
  t.is(await reasonOf((root) => mkdir(root), 'makeDirectory'), 'EACCES');
  t.is(await reasonOf((root) => mkdir(root), 'open'), 'EACCES');
  t.is(await reasonOf((root) => mkdir(root), 'lstat'), 'EACCES');
});

test('a marker that may not be read has not gone', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const { problem } = await lab(t, files);
  await problem(true);
  files.trouble = (operation) => (operation === 'open' ? 'EACCES' : undefined);
  t.is(await problem(), 'FOLDER_MISSING');
  files.trouble = () => undefined;
  t.is(await problem(), undefined);
});

test('the folder may be a link to another, its private folder may not', async (t) => {
  const { root, problem } = await lab(t);
  await mkdir(`${root}-real`);
  await symlink(`${root}-real`, root);
  t.is(await problem(true), undefined);
  t.is(await problem(), undefined);
  await rm(join(root, '.compartidos'), { recursive: true });
  await mkdir(`${root}-elsewhere`);
  await symlink(`${root}-elsewhere`, join(root, '.compartidos'));
  t.is(await problem(), 'FOLDER_CHANGED');
});
