import { execFile } from 'node:child_process';
import { link, mkdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { linkTarget } from '../../src/core/file-facts.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { codeOf } from '../support/code-of.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const files = new NodeFileSystem();

test('a time that was set reads back as the same µs', async (t) => {
  const path = join(await temporaryFolder(t), 'file');
  await writeFile(path, '');
  const anyTime = fc.integer({ min: -2_000_000_000_000_000, max: 4_000_000_000_000_000 });
  await fc.assert(
    fc.asyncProperty(anyTime, async (mtimeUs) => {
      await files.setModified(path, mtimeUs);
      t.is((await files.lstat(path)).mtimeUs, mtimeUs);
    }),
    { numRuns: 2000 },
  );
});

test('times are rounded down, before 1970 too', async (t) => {
  const path = join(await temporaryFolder(t), 'file');
  await writeFile(path, '');
  await utimes(path, '-1.5', '-1.5');
  t.is((await files.lstat(path)).mtimeUs, -1_500_000);
});

test('a time beyond what can be told is the nearest that can', async (t) => {
  const path = join(await temporaryFolder(t), 'file');
  await writeFile(path, '');
  await utimes(path, new Date('2300-01-01'), new Date('2300-01-01'));
  t.is((await files.lstat(path)).mtimeUs, Number.MAX_SAFE_INTEGER);
});

test('the time of a link is its own', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), '');
  await files.symlink('file', join(folder, 'link'));
  const before = await files.lstat(join(folder, 'file'));
  await files.setModified(join(folder, 'link'), 1_234_567);
  t.is((await files.lstat(join(folder, 'link'))).mtimeUs, 1_234_567);
  t.is((await files.lstat(join(folder, 'file'))).mtimeUs, before.mtimeUs);
  t.is(await files.readLink(join(folder, 'link')), 'file');
});

test('a link of Windows says what it says elsewhere', (t) => {
  t.is(linkTarget('..\\folder\\file', 'win32'), '../folder/file');
  t.is(linkTarget('odd\\name', 'linux'), 'odd\\name');
});

test('a directory lists its names with their types', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), '');
  await mkdir(join(folder, 'directory'));
  await symlink('nowhere', join(folder, 'link'));
  await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
  const items = await files.readDirectory(folder);
  t.deepEqual(
    items.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    [
      { name: 'directory', type: 'directory' },
      { name: 'file', type: 'file' },
      { name: 'link', type: 'symlink' },
      { name: 'pipe', type: 'other' },
    ],
  );
  for (const { name, type } of items) t.is((await files.lstat(join(folder, name))).type, type);
});

test('opening refuses symbolic links and does not wait for a pipe', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), 'secret');
  await symlink('file', join(folder, 'link'));
  await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
  for (const mode of ['read', 'write'] as const) {
    t.is(await codeOf(files.open(join(folder, 'link'), mode)), 'ELOOP');
  }
  t.is(await codeOf(files.open(join(folder, 'link'), 'create')), 'EEXIST');
  const pipe = await files.open(join(folder, 'pipe'), 'read');
  t.is((await pipe.stat()).type, 'other');
  await pipe.close();
});

test('a file is made, written, cut, flushed and read', async (t) => {
  const path = join(await temporaryFolder(t), 'file');
  const file = await files.open(path, 'create');
  t.is((await stat(path)).mode & 0o777, 0o666 & ~process.umask());
  await file.write(Buffer.from('world'), 6);
  await file.write(Buffer.from('hello '), 0);
  await file.sync();
  await file.truncate(9);
  const buffer = new Uint8Array(20);
  t.is(await file.read(buffer, 1), 8);
  t.is(Buffer.from(buffer.subarray(0, 8)).toString(), 'ello wor');
  t.is((await file.stat()).size, 9);
  await file.close();
  await file.close();
  t.is(await codeOf(file.read(buffer, 0)), 'EBADF');
  t.is(await codeOf(files.open(path, 'create')), 'EEXIST');
  t.is(await codeOf(files.open(`${path}-not`, 'write')), 'ENOENT');
});

for (const taken of ['file', 'directory', 'symlink'] as const) {
  for (const moved of ['file', 'directory', 'symlink'] as const) {
    test(`renameNew of a ${moved} leaves a ${taken} in its place alone`, async (t) => {
      const folder = await temporaryFolder(t);
      const make = async (type: typeof taken, path: string) => {
        if (type === 'file') await writeFile(path, path);
        else if (type === 'directory') await mkdir(path);
        else await symlink(path, path);
      };
      await make(moved, join(folder, 'from'));
      await make(taken, join(folder, 'to'));
      const before = await files.lstat(join(folder, 'to'));
      t.is(await codeOf(files.renameNew(join(folder, 'from'), join(folder, 'to'))), 'EEXIST');
      t.deepEqual(await files.lstat(join(folder, 'to')), before);
      t.is((await files.lstat(join(folder, 'from'))).type, moved);
    });
  }
}

test('renameNew moves files, links and whole directories', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'directory'));
  await writeFile(join(folder, 'directory', 'file'), 'content');
  await symlink('nowhere', join(folder, 'link'));
  await files.renameNew(join(folder, 'directory'), join(folder, 'moved'));
  await files.renameNew(join(folder, 'moved', 'file'), join(folder, 'moved', 'newer'));
  const before = await files.lstat(join(folder, 'link'));
  await files.renameNew(join(folder, 'link'), join(folder, 'relinked'));
  t.is(await readFile(join(folder, 'moved', 'newer'), 'utf8'), 'content');
  t.is(await files.readLink(join(folder, 'relinked')), 'nowhere');
  t.is((await files.lstat(join(folder, 'relinked'))).mtimeUs, before.mtimeUs);
  t.deepEqual((await files.readDirectory(folder)).map(({ name }) => name).toSorted(), ['moved', 'relinked']);
  t.is(await codeOf(files.renameNew(join(folder, 'gone'), join(folder, 'there'))), 'ENOENT');
});

test('one of many that race for a name gets it', async (t) => {
  const folder = await temporaryFolder(t);
  const names = Array.from({ length: 20 }, (_, index) => join(folder, `${index}`));
  for (const name of names) await writeFile(name, name);
  const codes = await Promise.all(names.map((name) => codeOf(files.renameNew(name, join(folder, 'prize')))));
  t.is(codes.filter((code) => code === undefined).length, 1);
  t.is(codes.filter((code) => code === 'EEXIST').length, 19);
  t.is((await files.readDirectory(folder)).length, 20);
});

test('the executable bit follows the right to read', async (t) => {
  const path = join(await temporaryFolder(t), 'script');
  await writeFile(path, '', { mode: 0o640 });
  t.false((await files.lstat(path)).executable);
  await files.setExecutable(path, true);
  t.is((await stat(path)).mode & 0o777, 0o750);
  t.true((await files.lstat(path)).executable);
  await files.setExecutable(path, false);
  t.is((await stat(path)).mode & 0o777, 0o640);
});

test('facts tell one file from another', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a'), '');
  await writeFile(join(folder, 'b'), '');
  await link(join(folder, 'a'), join(folder, 'c'));
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => files.lstat(join(folder, name))));
  t.not(a!.inode, b!.inode);
  t.is(a!.inode, c!.inode);
  t.is(a!.volume, b!.volume);
});

test('directories are made, flushed and removed when empty; space is known', async (t) => {
  const folder = await temporaryFolder(t);
  await files.makeDirectory(join(folder, 'a'));
  await writeFile(join(folder, 'a', 'file'), '');
  await files.syncDirectory(join(folder, 'a'));
  t.is(await codeOf(files.removeDirectory(join(folder, 'a'))), 'ENOTEMPTY');
  await files.unlink(join(folder, 'a', 'file'));
  await files.removeDirectory(join(folder, 'a'));
  t.is(await codeOf(files.lstat(join(folder, 'a'))), 'ENOENT');
  t.is(await codeOf(files.syncDirectory(join(folder, 'a'))), 'ENOENT');
  const { available, total } = await files.space(folder);
  t.true(available > 0 && available <= total);
});
