import { mkdir, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { DirectoryItem, FileSystem } from '../../src/core/file-system.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { listFolder } from '../../src/index/folder-listing.ts';
import { TOP, type SkipReason } from '../../src/index/found-item.ts';
import { IgnoreRules } from '../../src/index/ignore-rules.ts';
import {
  IGNORE_FILE,
  isPrivateName,
  parseRelativePath,
  pathProblem,
  type RelativePath,
} from '../../src/model/relative-path.ts';
import { compareBytes } from '../../src/model/path-order.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Lists `folder` of `files`, with the names that the index knows. */
async function list(files: FileSystem, root: string, folder = TOP, known: Record<string, string> = {}) {
  const skipped: [native: string, reason: SkipReason][] = [];
  const items = await listFolder(
    {
      files,
      root,
      rules: new IgnoreRules(),
      nativeName: (path) => known[path],
      onSkipped: (native, reason) => skipped.push([native, reason]),
    },
    folder,
  );
  return { items, skipped };
}

/** A file system with one directory. */
class OneDirectory extends NodeFileSystem {
  readonly #items: readonly DirectoryItem[];

  constructor(items: readonly DirectoryItem[]) {
    super();
    this.#items = items;
  }

  override async readDirectory(): Promise<DirectoryItem[]> {
    return [...this.#items];
  }
}

test('every name is shared under a valid path or skipped with a reason, whatever it is', async (t) => {
  const name = fc
    .oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
      fc.string({
        unit: fc.constantFrom(
          'a',
          'A',
          'n\u0303',
          '\u00f1',
          'e\u0301',
          '\u00e9',
          '\u212b',
          '\u00e5',
          '\u1100\u1161',
          '\uac00',
          '\\',
          '\n',
        ),
        minLength: 1,
        maxLength: 3,
      }),
      fc.constantFrom(
        '.compartidos',
        '.COMPARTIDO\u017f',
        '..',
        '.',
        '.DS_Store',
        'a'.repeat(256),
        '\ud800',
        'x\udc00',
      ),
    )
    .filter((text) => !text.includes('/') && !text.includes('\u{fffd}'));
  const type = fc.constantFrom('file', 'directory', 'symlink', 'other');
  const items = fc.uniqueArray(fc.record({ name, type }), { selector: (item) => item.name, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(items, fc.boolean(), async (found, atTop) => {
      const folder = atTop ? TOP : { path: parseRelativePath('sub'), native: 'sub' };
      const result = await list(new OneDirectory(found), '/nowhere', folder);
      const paths = result.items.map(({ path }) => path);
      for (const path of paths) t.is(pathProblem(path), undefined, path);
      t.is(new Set(paths).size, paths.length);
      t.deepEqual(paths, paths.toSorted(compareBytes));
      const natives = [
        ...result.items.map(({ native }) => native),
        ...result.skipped.map(([native]) => native),
      ];
      t.is(new Set(natives).size, natives.length);
      for (const { name: seen, type: kind } of found) {
        const native = atTop ? seen : `sub/${seen}`;
        const isIgnored = (seen === '.DS_Store' && kind !== 'other') || isPrivateName(seen);
        t.is(natives.includes(native), !isIgnored, JSON.stringify(seen));
      }
    }),
    { numRuns: 10_000 },
  );
});

test('hundreds of strange names on a real disk', async (t) => {
  const folder = await temporaryFolder(t);
  const made = new Set<string>();
  const bytes = fc.uint8Array({ min: 1, minLength: 1, maxLength: 20 }).filter((name) => !name.includes(47));
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }).map((name) => Buffer.from(name));
  for (const name of fc.sample(fc.oneof(bytes, text), { numRuns: 400, seed: 1 })) {
    const buffer = Buffer.from(name);
    if (['.', '..'].includes(buffer.toString()) || buffer.includes('/')) continue;
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), buffer]), '');
    made.add(buffer.toString('latin1'));
  }
  const files = new NodeFileSystem();
  const { items, skipped } = await list(files, folder);
  const isUtf8 = (name: string) =>
    Buffer.from(name, 'latin1').equals(Buffer.from(Buffer.from(name, 'latin1').toString()));
  const valid = [...made].filter(isUtf8).length;
  t.true(valid > 100 && valid < made.size);
  t.is(skipped.filter(([, reason]) => reason === 'not-unicode').length, made.size - valid);
  for (const { path, native } of items) {
    t.is(pathProblem(path), undefined);
    t.is((await files.lstat(join(folder, native))).type, 'file');
  }
});

test('of two names that are one in NFC, the indexed one is shared, else the one that is in NFC', async (t) => {
  const composed = 'ma\u00f1ana';
  const decomposed = 'man\u0303ana';
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, composed), '');
  await writeFile(join(folder, decomposed), '');
  const files = new NodeFileSystem();
  const fresh = await list(files, folder);
  t.deepEqual(fresh.items, [{ path: composed as RelativePath, native: composed, type: 'file' }]);
  t.deepEqual(
    fresh.skipped.map(([, reason]) => reason),
    ['twin'],
  );
  for (const known of [composed, decomposed]) {
    const { items, skipped } = await list(files, folder, TOP, { [composed]: known });
    t.is(items[0]!.native, known);
    t.deepEqual(skipped, [[known === composed ? decomposed : composed, 'twin']]);
  }
});

test('names that differ in case are two files where the disk says so', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a'), '');
  await writeFile(join(folder, 'A'), '');
  const { items, skipped } = await list(new NodeFileSystem(), folder);
  t.deepEqual(
    items.map(({ path }) => path as string),
    ['A', 'a'],
  );
  t.deepEqual(skipped, []);
});

test('the patterns of a folder count at once, and a file of them is not shared', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'sub', IGNORE_FILE), '*.log\n');
  for (const name of ['a.log', 'a.txt']) await writeFile(join(folder, 'sub', name), '');
  const { items } = await list(new NodeFileSystem(), folder, {
    path: parseRelativePath('sub'),
    native: 'sub',
  });
  t.deepEqual(
    items.map(({ path }) => path as string),
    ['sub/a.txt'],
  );
});

test('patterns hide what they name however an editor has written them', async (t) => {
  const text = '\ufeffprivate\r\nan\u0303o\r\n';
  for (const bytes of [Buffer.from(text), Buffer.from(text, 'utf16le')]) {
    const folder = await temporaryFolder(t);
    for (const name of ['private', 'a\u00f1o', 'shared']) await writeFile(join(folder, name), '');
    await writeFile(join(folder, IGNORE_FILE), bytes);
    const { items } = await list(new NodeFileSystem(), folder);
    t.deepEqual(
      items.map(({ path }) => String(path)),
      ['shared'],
    );
  }
});
