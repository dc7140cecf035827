import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { WorkerFileSystem } from '../../src/core/worker-file-system.ts';
import { fileSystemContract } from '../contracts/file-system.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function workerFileSystem(t: ExecutionContext, clock = new FakeClock()): WorkerFileSystem {
  const files = new WorkerFileSystem(clock);
  t.teardown(() => files.stop());
  return files;
}

fileSystemContract(test, 'with a worker', async (t) => ({
  files: workerFileSystem(t),
  folder: await temporaryFolder(t),
}));

/** Files of 0, 1, 2… bytes. */
async function manyFiles(t: ExecutionContext): Promise<string[]> {
  const folder = await temporaryFolder(t);
  const paths = Array.from({ length: 100 }, (_, size) => join(folder, `${size}`));
  for (const [size, path] of paths.entries()) await writeFile(path, Buffer.alloc(size));
  return paths;
}

async function sizesOf(files: WorkerFileSystem, paths: readonly string[]): Promise<number[]> {
  return (await Promise.all(paths.map((path) => files.lstat(path)))).map(({ size }) => size);
}

test('many are looked at by a thread, which ends when it has rested', async (t) => {
  const paths = await manyFiles(t);
  const clock = new FakeClock();
  const files = workerFileSystem(t, clock);
  const sizes = paths.map((_, size) => size);
  t.deepEqual(await sizesOf(files, paths), sizes);
  t.is(clock.pending, 1);
  await clock.advance(10_000);
  t.is(clock.pending, 0);
  t.deepEqual(await sizesOf(files, paths), sizes);
});

test('for few no thread is started', async (t) => {
  const paths = await manyFiles(t);
  const clock = new FakeClock();
  const files = workerFileSystem(t, clock);
  t.deepEqual(await sizesOf(files, paths.slice(0, 8)), [0, 1, 2, 3, 4, 5, 6, 7]);
  t.is(clock.pending, 0);
});

test('who looks while the thread is ended learns what is there all the same, and so who looks afterwards', async (t) => {
  const paths = await manyFiles(t);
  const files = workerFileSystem(t);
  const sizes = paths.map((_, size) => size);
  const looking = sizesOf(files, paths);
  // The order has been given by then, and the thread takes longer than this to start.
  await Promise.resolve();
  await files.stop();
  t.deepEqual(await looking, sizes);
  t.deepEqual(await sizesOf(files, paths), sizes);
});
