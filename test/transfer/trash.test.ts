import { readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../../src/core/logger.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemRandom } from '../../src/core/random.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { Trash } from '../../src/transfer/trash.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { sharedFolderLab } from '../support/shared-folder-lab.ts';

const DAY_MS = 24 * 3_600_000;

async function setUp(t: ExecutionContext, limits = { maxAgeMs: 30 * DAY_MS, maxSize: 1000 }) {
  const lab = await sharedFolderLab(t);
  await lab.ready();
  const clock = new FakeClock();
  const fileSystem = new NodeFileSystem();
  const { folder, index } = lab;
  const trash = new Trash({
    folder,
    fileSystem,
    index,
    clock,
    random: systemRandom,
    logger: silentLogger,
    limits,
  });
  const discard = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return trash.discard(parseRelativePath(name), 'replaced');
  };
  return { lab, clock, trash, folder, discard };
}

test('what is discarded is listed, and comes back as it was', async (t) => {
  const { trash, folder, discard } = await setUp(t);
  const id = await discard('tarea.txt', 'uno');
  t.false((await readdir(folder)).includes('tarea.txt'));
  t.like((await trash.list())[0], { id, path: 'tarea.txt', size: 3, reason: 'replaced' });
  t.is<string, string>(await trash.restore(id), 'tarea.txt');
  t.is(await readFile(join(folder, 'tarea.txt'), 'utf8'), 'uno');
  t.deepEqual(await trash.list(), []);
});

test('a name that is taken again is not overwritten', async (t) => {
  const { trash, folder, discard } = await setUp(t);
  const first = await discard('tarea.txt', 'uno');
  const second = await discard('tarea.txt', 'dos');
  await writeFile(join(folder, 'tarea.txt'), 'tres');
  t.is<string, string>(await trash.restore(second), 'tarea 2.txt');
  t.is<string, string>(await trash.restore(first), 'tarea 3.txt');
  const contents = ['tarea.txt', 'tarea 2.txt', 'tarea 3.txt'].map((name) =>
    readFile(join(folder, name), 'utf8'),
  );
  t.deepEqual(await Promise.all(contents), ['tres', 'dos', 'uno']);
});

test('what is restored into a folder that is gone brings the folder back', async (t) => {
  const { lab, trash, folder } = await setUp(t);
  await lab.place('apuntes/tema.txt', 'uno');
  const id = await trash.discard(parseRelativePath('apuntes/tema.txt'), 'deleted');
  await rmdir(join(folder, 'apuntes'));
  t.is<string, string>(await trash.restore(id), 'apuntes/tema.txt');
  t.is(await readFile(join(folder, 'apuntes', 'tema.txt'), 'utf8'), 'uno');
});

test('what is too old goes, and the oldest of what is too much', async (t) => {
  const { clock, trash, discard } = await setUp(t);
  await discard('a', 'x'.repeat(600));
  await clock.advance(DAY_MS);
  await discard('b', 'x'.repeat(600));
  await discard('c', 'x'.repeat(10));
  await trash.purge();
  t.deepEqual((await trash.list()).map(({ path }): string => path).sort(), ['b', 'c']);
  await clock.advance(31 * DAY_MS);
  await trash.purge();
  t.deepEqual(await trash.list(), []);
});

test('what does not belong there is neither listed nor removed nor restored', async (t) => {
  const { trash, folder, discard } = await setUp(t);
  const id = await discard('a', 'x');
  const home = join(folder, '.compartidos', 'trash');
  await writeFile(join(home, 'strange'), 'mine');
  await writeFile(join(home, 'mf3n9k2p-0000abcd.json'), '{"path":"../../out"}');
  await writeFile(join(home, 'mf3n9k2p-0000abcd'), 'evil');
  t.deepEqual(
    (await trash.list()).map((item) => item.id),
    [id],
  );
  for (const bad of ['strange', '../trash/strange', 'mf3n9k2p-0000abcd', '']) {
    await t.throwsAsync(trash.restore(bad), { message: /NOT_FOUND/ });
  }
  await trash.purge();
  t.true((await readdir(home)).includes('strange'));
});

test('a file that cannot be moved stays, and leaves no note', async (t) => {
  const { trash } = await setUp(t);
  await t.throwsAsync(trash.discard(parseRelativePath('missing'), 'deleted'), { code: 'ENOENT' });
  t.deepEqual(await trash.list(), []);
});
