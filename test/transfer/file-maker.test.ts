import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemErrorCode } from '../../src/core/errors.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { PlainFileMaker } from '../../src/transfer/file-maker.ts';
import type { FileMaker, NewFile } from '../../src/transfer/file-maker.ts';
import { WorkerFileMaker } from '../../src/transfer/worker-file-maker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const makers: Record<string, (t: ExecutionContext) => FileMaker> = {
  plain: () => new PlainFileMaker(new NodeFileSystem()),
  worker: (t) => {
    const maker = new WorkerFileMaker(new NodeFileSystem(), systemClock, 2);
    t.teardown(() => maker.stop());
    return maker;
  },
};

async function filesIn(folder: string, count: number): Promise<NewFile[]> {
  await mkdir(join(folder, 'incoming'));
  return Array.from({ length: count }, (_, index) => ({
    temporary: join(folder, 'incoming', `${index}.part`),
    path: join(folder, `file ${index}`),
    bytes: randomBytes(index * 100),
    mtimeUs: 1_700_000_000_123_456 + index * 1_000_001,
    executable: index % 3 === 0,
  }));
}

for (const [name, makerFor] of Object.entries(makers)) {
  test(`${name}: files are as they are to be, and nothing is left over`, async (t) => {
    const folder = await temporaryFolder(t);
    const files = await filesIn(folder, 100);
    // Before 1970, too, where rounding goes the other way.
    files[1] = { ...files[1]!, mtimeUs: -1_234_567 };
    await writeFile(files[5]!.temporary, 'left by an earlier attempt');
    const failures = await makerFor(t).make(files, true);
    t.deepEqual(failures, Array(100).fill(undefined));
    for (const { path, bytes, mtimeUs, executable } of files) {
      t.true((await readFile(path)).equals(bytes));
      const facts = await new NodeFileSystem().lstat(path);
      t.is(facts.mtimeUs, mtimeUs);
      t.is(facts.executable, executable);
      t.is((await stat(path)).nlink, 1);
    }
    t.deepEqual(await readdir(join(folder, 'incoming')), []);
  });

  test(`${name}: a name that is taken stays as it is, and the others are made`, async (t) => {
    const folder = await temporaryFolder(t);
    const files = await filesIn(folder, 40);
    await writeFile(files[7]!.path, 'mine');
    await mkdir(files[9]!.path);
    files[11] = { ...files[11]!, path: join(folder, 'missing', 'file') };
    const failures = await makerFor(t).make(files, false);
    const failed = failures.flatMap((failure, index) => (failure ? [[index, systemErrorCode(failure)]] : []));
    t.deepEqual(failed, [
      [7, 'EEXIST'],
      [9, 'EEXIST'],
      [11, 'ENOENT'],
    ]);
    t.is((await readFile(files[7]!.path)).toString(), 'mine');
    t.true((await readFile(files[8]!.path)).equals(files[8]!.bytes));
  });

  test(`${name}: orders at the same time do not mix`, async (t) => {
    const folder = await temporaryFolder(t);
    const files = await filesIn(folder, 300);
    const maker = makerFor(t);
    const thirds = [0, 1, 2].map((third) => files.slice(third * 100, third * 100 + 100));
    const failures = (await Promise.all(thirds.map((some) => maker.make(some, false)))).flat();
    t.true(failures.every((failure) => failure === undefined));
    for (const { path, bytes } of files) t.true((await readFile(path)).equals(bytes));
  });
}

test('where there are no modes, files are made all the same', async (t) => {
  const files = await filesIn(await temporaryFolder(t), 4);
  for (const code of ['EPERM', 'ENOSYS']) {
    const fileSystem = new TroubledFileSystem(new NodeFileSystem());
    fileSystem.trouble = (operation) => (operation === 'setExecutable' ? code : undefined);
    const failures = await new PlainFileMaker(fileSystem).make(
      files.map((file) => ({ ...file, path: `${file.path} ${code}` })),
      true,
    );
    t.deepEqual(failures, Array(4).fill(undefined));
  }
});

test('where there are no hard links, the file system finds another way', async (t) => {
  const folder = await temporaryFolder(t);
  const files = await filesIn(folder, 20);
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const named: string[] = [];
  fileSystem.trouble = (operation, path) => {
    if (operation === 'renameNew') named.push(path);
    return undefined;
  };
  const maker = new WorkerFileMaker(fileSystem, systemClock, 1);
  t.teardown(() => maker.stop());
  files[3] = { ...files[3]!, path: join(folder, 'missing', 'file') };
  const failures = await maker.make(files, false);
  t.deepEqual(named, [files[3].path]);
  t.is(systemErrorCode(failures[3]), 'ENOENT');
});

test('no file is left without an answer when the threads are stopped', async (t) => {
  const files = await filesIn(await temporaryFolder(t), 300);
  const maker = new WorkerFileMaker(new NodeFileSystem(), systemClock, 1);
  const made = maker.make(files, false);
  await maker.stop();
  const failures = await made;
  t.is(failures.length, 300);
  t.true(failures.at(-1) instanceof Error);
});
