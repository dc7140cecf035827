import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { ARRIVAL_DELAY } from '../../src/index/write-guard.ts';
import { IGNORE_FILE, parseRelativePath, type RelativePath } from '../../src/model/relative-path.ts';
import { IdleWatcher } from '../support/idle-watcher.ts';
import { scanLab } from '../support/scan-lab.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

test('what patterns hide is not shared while they cannot be read', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const folder = join(await temporaryFolder(t), 'compartidos');
  await mkdir(join(folder, 'sub'), { recursive: true });
  await writeFile(join(folder, 'sub', IGNORE_FILE), 'secret*');
  await writeFile(join(folder, 'sub', 'secret'), '');
  await writeFile(join(folder, 'sub', 'file'), '');
  const isUnreadable = (operation: string, path: string) =>
    operation === 'open' && path.endsWith(IGNORE_FILE);
  const trouble = (operation: string, path: string) => (isUnreadable(operation, path) ? 'EACCES' : undefined);
  files.trouble = trouble;
  const watcher = new IdleWatcher();
  const lab = await scanLab(t, watcher, { folder, files });
  const [secret, file] = ['sub/secret', 'sub/file'].map((path) => parseRelativePath(path)) as [
    RelativePath,
    RelativePath,
  ];
  await lab.scan();
  watcher.events.emit('touched', lab.path('sub'), 'secret', 'arrived');
  await lab.clock.advance(ARRIVAL_DELAY);
  t.is(lab.index.get(secret), undefined);
  t.is(lab.index.get(file), undefined);
  t.deepEqual(lab.index.skipped(), [{ path: 'sub', reason: 'unreadable' }]);
  files.trouble = () => undefined;
  await lab.scan();
  t.is(lab.index.get(secret), undefined);
  t.false(lab.index.get(file)?.deleted);
  files.trouble = trouble;
  await writeFile(join(folder, 'sub', 'secret 2'), '');
  await lab.scan();
  watcher.events.emit('touched', lab.path('sub'), 'secret 2', 'arrived');
  await lab.clock.advance(ARRIVAL_DELAY);
  t.false(lab.index.get(file)?.deleted);
  t.is(lab.index.get(parseRelativePath('sub/secret 2')), undefined);
});

test('what answers to its name is not taken for deleted where its folder cannot be listed', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const lab = await scanLab(t, undefined, { files });
  await mkdir(lab.path('sub'));
  await writeFile(lab.path('sub/file'), 'x');
  await lab.scan();
  const codes = ['ENOENT', 'EIO'];
  files.trouble = (operation, path) =>
    operation === 'readDirectory' && path === lab.path('sub') ? codes.shift() : undefined;
  await lab.index.rescan();
  t.deepEqual(codes, []);
  t.false(lab.index.get(parseRelativePath('sub/file'))!.deleted);
});

test('a folder that cannot be listed, or looked at, keeps what is known of it', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const lab = await scanLab(t, undefined, { files });
  await mkdir(lab.path('sub/below'), { recursive: true });
  for (const path of ['sub/file', 'sub/below/file', 'sub.txt', 'other'])
    await writeFile(lab.path(path), path);
  await lab.scan();
  const live = () =>
    lab.index
      .after(0, 100)
      .filter(({ deleted }) => !deleted)
      .map(({ path }) => path)
      .sort();
  const all = ['other', 'sub', 'sub.txt', 'sub/below', 'sub/below/file', 'sub/file'] as RelativePath[];
  t.deepEqual(live(), all);
  files.trouble = (operation, path) =>
    operation === 'readDirectory' && path === lab.path('sub') ? 'EIO' : undefined;
  await rm(lab.path('other'));
  await lab.scan();
  t.deepEqual(live(), all.slice(1));
  t.deepEqual(lab.index.skipped(), [{ path: 'sub', reason: 'unreadable' }]);
  files.trouble = (operation, path) =>
    operation === 'readDirectory' && path === lab.folder ? 'EIO' : undefined;
  await rm(lab.path('sub.txt'));
  await lab.scan();
  t.deepEqual(live(), all.slice(1));
  t.deepEqual(lab.index.skipped(), [{ path: '.', reason: 'unreadable' }]);
  files.trouble = (operation, path) =>
    operation === 'lstat' && path.startsWith(`${lab.path('sub')}/`) ? 'EIO' : undefined;
  await lab.scan();
  t.deepEqual(live(), ['sub', 'sub/below', 'sub/below/file', 'sub/file'] as RelativePath[]);
  files.trouble = () => undefined;
  await lab.scan();
  t.deepEqual(live(), ['sub', 'sub/below', 'sub/below/file', 'sub/file'] as RelativePath[]);
});

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
