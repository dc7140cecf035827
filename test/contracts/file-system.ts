import type { ExecutionContext, TestFn } from 'ava';
import { codeOf } from '../support/code-of.ts';
import type { FileSystem } from '../../src/core/file-system.ts';

/** A file system and an empty folder on it, absolute. */
export interface FileSystemLab {
  readonly files: FileSystem;
  readonly folder: string;
}

/** What every FileSystem does alike. Registers the tests, each on a folder of its own. */
export function fileSystemContract(
  test: TestFn,
  name: string,
  lab: (t: ExecutionContext) => Promise<FileSystemLab>,
): void {
  const check = (title: string, body: (t: ExecutionContext, lab: FileSystemLab) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => body(t, await lab(t)));

  check('bytes that were written are read back, at any place', async (t, { files, folder }) => {
    const file = await files.open(`${folder}/a`, 'create');
    await file.write(Buffer.from('hello world'), 0);
    await file.write(Buffer.from('W'), 6);
    await file.sync();
    const target = Buffer.alloc(5);
    t.is(await file.read(target, 6), 5);
    t.is(target.toString(), 'World');
    t.is(await file.read(Buffer.alloc(10), 8), 3);
    t.is(await file.read(Buffer.alloc(10), 50), 0);
    t.is((await file.stat()).size, 11);
    await file.close();
    await file.close();
    t.is(await codeOf(file.read(target, 0)), 'EBADF');
  });

  check('bytes may be written in pieces', async (t, { files, folder }) => {
    const file = await files.open(`${folder}/a`, 'create');
    await file.write([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('cde')], 1);
    await file.write([], 0);
    const target = Buffer.alloc(6);
    t.is(await file.read(target, 0), 6);
    t.is(target.toString('latin1'), '\0abcde');
    await file.close();
  });

  check('a write beyond the end fills the gap with zeros', async (t, { files, folder }) => {
    const file = await files.open(`${folder}/a`, 'create');
    await file.write(Buffer.from('z'), 3);
    const target = Buffer.alloc(4, 1);
    await file.read(target, 0);
    t.deepEqual([...target], [0, 0, 0, 122]);
    await file.close();
  });

  check('truncating cuts and extends', async (t, { files, folder }) => {
    const file = await files.open(`${folder}/a`, 'create');
    await file.write(Buffer.from('abc'), 0);
    await file.truncate(1);
    await file.truncate(2);
    const target = Buffer.alloc(4, 1);
    t.is(await file.read(target, 0), 2);
    t.deepEqual([...target.subarray(0, 2)], [97, 0]);
    await file.close();
  });

  check('making a file does not touch one that is there', async (t, { files, folder }) => {
    await put(files, `${folder}/a`, 'a');
    t.is(await codeOf(files.open(`${folder}/a`, 'create')), 'EEXIST');
    t.is(await codeOf(files.open(`${folder}/none`, 'write')), 'ENOENT');
    t.is(await read(files, `${folder}/a`), 'a');
  });

  check('links are not opened, and are looked at themselves', async (t, { files, folder }) => {
    await put(files, `${folder}/a`, 'a');
    await files.symlink('a', `${folder}/link`);
    t.is(await codeOf(files.open(`${folder}/link`, 'read')), 'ELOOP');
    t.is((await files.lstat(`${folder}/link`)).type, 'symlink');
    t.is(await files.readLink(`${folder}/link`), 'a');
    await files.setModified(`${folder}/link`, 12_000_000);
    t.is((await files.lstat(`${folder}/link`)).mtimeUs, 12_000_000);
    t.not((await files.lstat(`${folder}/a`)).mtimeUs, 12_000_000);
  });

  check('of many paths each is told what is there', async (t, { files, folder }) => {
    const names = Array.from({ length: 20 }, (_, number) => `${folder}/${number}`);
    for (const [number, name] of names.entries()) {
      if (number % 3 !== 0) continue;
      const file = await files.open(name, 'create');
      await file.write(Buffer.alloc(number), 0);
      await file.close();
    }
    await files.makeDirectory(names[1]!);
    await files.symlink('nowhere', names[2]!);
    const together = await Promise.allSettled(names.map((name) => files.lstat(name)));
    for (const [number, outcome] of together.entries()) {
      if (outcome.status === 'fulfilled') t.deepEqual(outcome.value, await files.lstat(names[number]!));
      else t.is(await codeOf(Promise.reject(outcome.reason as Error)), 'ENOENT');
      t.is(outcome.status === 'fulfilled', number % 3 === 0 || number < 3);
    }
    t.is(await codeOf(files.lstat(`${names[0]}/below`)), 'ENOTDIR');
  });

  check('folders that are links are walked through', async (t, { files, folder }) => {
    await files.makeDirectory(`${folder}/d`);
    await put(files, `${folder}/d/a`, 'a');
    await files.symlink('d', `${folder}/link`);
    t.is(await read(files, `${folder}/link/a`), 'a');
    t.deepEqual(await files.readDirectory(`${folder}/link`), [{ name: 'a', type: 'file' }]);
    await put(files, `${folder}/link/b`, 'b');
    t.is(await read(files, `${folder}/d/b`), 'b');
  });

  check('renaming replaces a file, keeps its inode, and changes its ctime', async (t, { files, folder }) => {
    await put(files, `${folder}/a`, 'a');
    await put(files, `${folder}/b`, 'b');
    const before = await files.lstat(`${folder}/a`);
    await files.rename(`${folder}/a`, `${folder}/b`);
    t.is(await read(files, `${folder}/b`), 'a');
    const after = await files.lstat(`${folder}/b`);
    t.is(after.inode, before.inode);
    t.is(after.mtimeUs, before.mtimeUs);
    t.true(after.ctimeUs >= before.ctimeUs);
    t.is(await codeOf(files.lstat(`${folder}/a`)), 'ENOENT');
  });

  check('renaming to a new name replaces nothing', async (t, { files, folder }) => {
    await put(files, `${folder}/a`, 'a');
    await put(files, `${folder}/b`, 'b');
    t.is(await codeOf(files.renameNew(`${folder}/a`, `${folder}/b`)), 'EEXIST');
    t.is(await read(files, `${folder}/b`), 'b');
    await files.renameNew(`${folder}/a`, `${folder}/c`);
    t.is(await read(files, `${folder}/c`), 'a');
    t.is(await codeOf(files.lstat(`${folder}/a`)), 'ENOENT');
    t.is(await codeOf(files.renameNew(`${folder}/none`, `${folder}/d`)), 'ENOENT');
    await files.symlink('c', `${folder}/l`);
    await files.renameNew(`${folder}/l`, `${folder}/m`);
    t.is(await files.readLink(`${folder}/m`), 'c');
  });

  check('a folder moves with what is in it', async (t, { files, folder }) => {
    await files.makeDirectory(`${folder}/d`);
    await put(files, `${folder}/d/a`, 'a');
    await files.renameNew(`${folder}/d`, `${folder}/e`);
    t.is(await read(files, `${folder}/e/a`), 'a');
    t.is(await codeOf(files.rename(`${folder}/e`, `${folder}/e/f`)), 'EINVAL');
  });

  check('what is impossible is refused with its code', async (t, { files, folder }) => {
    await files.makeDirectory(`${folder}/d`);
    await put(files, `${folder}/d/a`, 'a');
    await put(files, `${folder}/f`, 'f');
    t.is(await codeOf(files.makeDirectory(`${folder}/d`)), 'EEXIST');
    t.is(await codeOf(files.removeDirectory(`${folder}/d`)), 'ENOTEMPTY');
    t.is(await codeOf(files.removeDirectory(`${folder}/f`)), 'ENOTDIR');
    t.is(await codeOf(files.unlink(`${folder}/none`)), 'ENOENT');
    t.is(await codeOf(files.lstat(`${folder}/f/x`)), 'ENOTDIR');
    t.is(await codeOf(files.readDirectory(`${folder}/f`)), 'ENOTDIR');
    t.is(await codeOf(files.readLink(`${folder}/f`)), 'EINVAL');
    t.is(await codeOf(files.rename(`${folder}/f`, `${folder}/d`)), 'EISDIR');
    t.is(await codeOf(files.rename(`${folder}/none`, `${folder}/x`)), 'ENOENT');
    t.is(await codeOf(files.symlink('x', `${folder}/f`)), 'EEXIST');
  });

  check('times and modes are kept', async (t, { files, folder }) => {
    await put(files, `${folder}/a`, 'a');
    await files.setModified(`${folder}/a`, 1_234_567_890_123_456);
    await files.setExecutable(`${folder}/a`, true);
    const stat = await files.lstat(`${folder}/a`);
    t.is(stat.mtimeUs, 1_234_567_890_123_456);
    t.true(stat.executable);
    await files.setExecutable(`${folder}/a`, false);
    t.false((await files.lstat(`${folder}/a`)).executable);
  });

  check('an open file outlives its name', async (t, { files, folder }) => {
    await put(files, `${folder}/a`, 'a');
    const file = await files.open(`${folder}/a`, 'write');
    await files.unlink(`${folder}/a`);
    await file.write(Buffer.from('b'), 0);
    const target = Buffer.alloc(1);
    await file.read(target, 0);
    t.is(target.toString(), 'b');
    await file.close();
  });

  check('names are made durable, and space is known', async (t, { files, folder }) => {
    await put(files, `${folder}/a`, 'a');
    await t.notThrowsAsync(files.syncDirectory(folder));
    t.is(await codeOf(files.syncDirectory(`${folder}/none`)), 'ENOENT');
    const { available, total } = await files.space(folder);
    t.true(available > 0 && available <= total);
  });
}

async function put(files: FileSystem, path: string, text: string): Promise<void> {
  const file = await files.open(path, 'create');
  await file.write(Buffer.from(text), 0);
  await file.close();
}

async function read(files: FileSystem, path: string): Promise<string> {
  const file = await files.open(path, 'read');
  const target = Buffer.alloc(1000);
  const length = await file.read(target, 0);
  await file.close();
  return target.subarray(0, length).toString();
}
