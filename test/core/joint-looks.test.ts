import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { FileStat } from '../../src/core/file-system.ts';
import { JointLooks, type JointLooksOptions } from '../../src/core/joint-looks.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const COUNT = 100;
const files = new NodeFileSystem();

/** Looks that count those which have an operation of their own. */
class Lab {
  readonly clock = new FakeClock();
  readonly looks: JointLooks;
  single = 0;

  constructor(t: ExecutionContext, options: JointLooksOptions = {}) {
    const single = (path: string) => {
      this.single += 1;
      return files.lstat(path);
    };
    this.looks = new JointLooks(single, this.clock, options);
    t.teardown(() => this.looks.stop());
  }

  /** What each look says, or the code of its error. */
  all(paths: readonly string[]): Promise<unknown[]> {
    return Promise.all(paths.map((path) => this.looks.lstat(path).catch(codeAndMessage)));
  }
}

function codeAndMessage(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  return { code, message };
}

function oneByOne(paths: readonly string[]): Promise<unknown[]> {
  return Promise.all(paths.map((path) => files.lstat(path).catch(codeAndMessage)));
}

async function manyPaths(t: ExecutionContext): Promise<string[]> {
  const folder = await temporaryFolder(t);
  const names = Array.from({ length: COUNT }, (_, number) => join(folder, `file ${number} ñ`));
  await Promise.all(names.map((name) => writeFile(name, name.repeat(name.length))));
  await mkdir(join(folder, 'directory'));
  await symlink('nowhere', join(folder, 'link'));
  return [
    ...names,
    join(folder, 'link'),
    join(folder, 'missing'),
    join(folder, 'directory'),
    join(names[0]!, 'x'),
  ];
}

test('looks that are asked for together say what single ones say, errors too', async (t) => {
  const lab = new Lab(t, { patience: Infinity });
  const paths = await manyPaths(t);
  t.deepEqual(await lab.all(paths), await oneByOne(paths));
  t.is(lab.single, 0);
});

test('orders that are under way at the same time do not mix', async (t) => {
  const lab = new Lab(t, { patience: Infinity });
  const paths = await manyPaths(t);
  const first = lab.all(paths);
  await Promise.resolve().then(() => undefined);
  const second = lab.all(paths.toReversed());
  t.deepEqual((await second).toReversed(), await first);
  t.is(lab.single, 0);
});

test('a few are looked at by operations of their own', async (t) => {
  const lab = new Lab(t);
  const paths = (await manyPaths(t)).slice(-8);
  t.deepEqual(await lab.all(paths), await oneByOne(paths));
  t.is(lab.single, 8);
});

test('where looks are slow they are made by operations of their own for a while', async (t) => {
  const lab = new Lab(t, { patience: -1 });
  const paths = await manyPaths(t);
  await lab.all(paths);
  t.is(lab.single, 0);
  await lab.all(paths);
  t.is(lab.single, paths.length);
  await lab.clock.advance(10_000);
  await lab.all(paths);
  t.is(lab.single, paths.length);
});

test('what the thread has not said when it ends is looked at all the same', async (t) => {
  const lab = new Lab(t, { patience: Infinity });
  const paths = await manyPaths(t);
  const asked = lab.all(paths);
  await Promise.resolve();
  await lab.looks.stop();
  t.deepEqual(await asked, (await oneByOne(paths)) as FileStat[]);
  t.is(lab.single, paths.length);
});
