import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath, type RelativePath } from '../../src/model/relative-path.ts';
import { IdleWatcher } from '../support/idle-watcher.ts';
import { scanLab } from '../support/scan-lab.ts';

test('a folder that has gone is watched no more, however the disk spells its name', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  const name = 'a\u00f1o'.normalize('NFD');
  await mkdir(lab.path(name));
  await lab.scan();
  t.true(watcher.watched.has(lab.path(name)));
  await rmdir(lab.path(name));
  await lab.scan();
  t.deepEqual([...watcher.watched], [lab.folder]);
});

test('what we put into a folder that had gone, while it is made sure that it has, is not taken for gone', async (t) => {
  const real = new NodeFileSystem();
  let meanwhile: (() => Promise<void>) | undefined;
  const files = Object.assign(Object.create(real) as NodeFileSystem, {
    open: async (...[path, mode]: Parameters<NodeFileSystem['open']>) => {
      const happens = path.includes('.compartidos') ? meanwhile : undefined;
      meanwhile = happens ? undefined : meanwhile;
      await happens?.();
      return real.open(path, mode);
    },
  });
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher, { files });
  const [folder, ours, gone] = ['sub', 'sub/ours', 'sub/gone'].map((path) => parseRelativePath(path)) as [
    RelativePath,
    RelativePath,
    RelativePath,
  ];
  await mkdir(lab.path(folder));
  await writeFile(lab.path(gone), 'x');
  await lab.scan();
  const entries = [lab.index.get(folder)!, { ...lab.index.get(gone)!, path: ours }];
  await rm(lab.path(folder), { recursive: true });
  let isOver = false;
  meanwhile = async () => {
    const release = await lab.index.hold([folder, ours]);
    await mkdir(lab.path(folder));
    await writeFile(lab.path(ours), 'x');
    await real.setModified(lab.path(ours), entries[1]!.mtimeUs);
    await lab.index.record(entries);
    release();
    isOver = true;
  };
  watcher.events.emit('touched', lab.folder, 'sub', 'arrived');
  while (!isOver || !lab.index.get(gone)!.deleted) await lab.clock.advance(10);
  await lab.scan();
  t.false(lab.index.get(ours)!.deleted);
  t.deepEqual(lab.index.get(ours)!.version, entries[1]!.version);
});

test('a name that cannot be shared is forgotten when it goes', async (t) => {
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher);
  await writeFile(lab.path('a\\b'), 'x');
  watcher.events.emit('touched', lab.folder, 'a\\b', 'arrived');
  while (lab.index.skipped().length === 0) await lab.clock.advance(10);
  await rm(lab.path('a\\b'));
  watcher.events.emit('touched', lab.folder, 'a\\b', 'arrived');
  while (lab.index.skipped().length > 0) await lab.clock.advance(10);
  t.pass();
});
