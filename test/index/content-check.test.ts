import { renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { chmod, copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import test from 'ava';
import type { OpenFile } from '../../src/core/file-system.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { BLOCK } from '../support/block-size.ts';
import { rot } from '../support/rotten-file.ts';
import { scanLab } from '../support/scan-lab.ts';
import { storeOf, refuseChanges } from '../support/test-database.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const at = parseRelativePath;
const good = Buffer.from('what it was');
const bad = Buffer.from('what it is!');
const big = Buffer.alloc(2 * BLOCK + 1000, 1);
const bigAndBad = Buffer.concat([
  big.subarray(0, BLOCK + 1000),
  Buffer.from('x'),
  big.subarray(BLOCK + 1001),
]);

test('a check finds content that rotted, says so once, and remembers it', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), good);
  await writeFile(lab.path('b'), good);
  await lab.scan();
  t.deepEqual(await lab.index.contents.all(), { files: 2, bytes: 22, corrupt: [] });
  const { sequence } = lab.index;
  const { hash } = lab.index.get(at('a'))!;
  await rot(lab, 'a', bad);
  t.false(lab.index.isDoubted(at('a')));
  for (let time = 0; time < 2; time += 1) {
    t.deepEqual(await lab.index.contents.all(), { files: 2, bytes: 22, corrupt: [at('a')] });
  }
  t.deepEqual(
    lab.logged.filter(({ event }) => event === 'file.corrupt').map(({ fields }) => fields),
    [{ path: 'a' }],
  );
  t.is(lab.index.sequence, sequence, 'nothing is announced');
  t.true(lab.index.isCorrupt(at('a')));
  t.true(lab.index.isDoubted(at('a')), 'its blocks are compared before they are sent');
  t.deepEqual(
    lab.index.withHash(hash!).map(({ path }) => path),
    [at('b')],
  );
  const again = storeOf(lab.database);
  t.deepEqual(again.corrupt.first(10), [at('a')]);
  t.deepEqual(await readFile(lab.path('a')), bad);
});

test('what rotted is no edit when it is given another mode or copied, until somebody writes it', async (t) => {
  const lab = await scanLab(t);
  for (const [name, content] of [
    ['small', good],
    ['big', big],
  ] as const)
    await writeFile(lab.path(name), content);
  await lab.scan();
  await rot(lab, 'small', bad);
  await rot(lab, 'big', bigAndBad);
  await lab.index.contents.all();
  const { sequence } = lab.index;
  for (const name of ['small', 'big']) {
    await chmod(lab.path(name), 0o600);
    await lab.scan();
    await copyFile(lab.path(name), lab.path(`${name} copy`));
    await new NodeFileSystem().setModified(
      lab.path(`${name} copy`),
      lab.store.facts(at(name))!.disk!.mtimeUs,
    );
    await rename(lab.path(`${name} copy`), lab.path(name));
    await lab.scan();
  }
  t.is(lab.index.sequence, sequence);
  t.deepEqual(lab.store.corrupt.first(10), [at('big'), at('small')]);
  await new NodeFileSystem().setModified(lab.path('small'), 1_700_000_000_000_000);
  await lab.scan();
  t.is(lab.index.sequence, sequence + 1, 'it was saved again: it is meant to be so');
  t.deepEqual(lab.store.corrupt.first(10), [at('big')]);
});

test('what rotted is right again when its content has come back', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), good);
  await writeFile(lab.path('b'), good);
  await lab.scan();
  await rot(lab, 'a', bad);
  await rot(lab, 'b', bad);
  await lab.index.contents.all();
  const { mtimeUs } = lab.store.facts(at('a'))!.disk!;
  await writeFile(lab.path('a'), good);
  await new NodeFileSystem().setModified(lab.path('a'), mtimeUs);
  await lab.scan();
  t.deepEqual(lab.store.corrupt.first(10), [at('b')], 'a scan has read it');
  await rot(lab, 'b', good);
  t.deepEqual((await lab.index.contents.all()).corrupt, []);
  t.deepEqual(lab.store.corrupt.first(10), []);
});

test('what is held, or was written a moment ago, is not called corrupt', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), good);
  await lab.scan();
  await rot(lab, 'a', bad);
  const release = await lab.index.hold([at('a')]);
  t.deepEqual(await lab.index.contents.all(), { files: 0, bytes: 0, corrupt: [] });
  release();
  const { ctimeUs } = lab.store.facts(at('a'))!.disk!;
  lab.clock.skip(ctimeUs / 1000 - lab.clock.now());
  t.deepEqual(await lab.index.contents.all(), { files: 0, bytes: 0, corrupt: [] });
  lab.clock.skip(59_999);
  t.deepEqual((await lab.index.contents.all()).corrupt, []);
  lab.clock.skip(1);
  t.deepEqual((await lab.index.contents.all()).corrupt, [at('a')]);
});

test('another version, time or mode of the same content does not mend a file; one put in its place does', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), good);
  await lab.scan();
  await rot(lab, 'a', bad);
  await lab.index.contents.all();
  const entry = lab.index.get(at('a'))!;
  const files = new NodeFileSystem();
  const adopted = { ...entry, mtimeUs: entry.mtimeUs - 5_000_000, executable: true };
  await files.setExecutable(lab.path('a'), true);
  await files.setModified(lab.path('a'), adopted.mtimeUs);
  await lab.index.record([adopted]);
  t.is(lab.index.get(at('a'))?.mtimeUs, adopted.mtimeUs);
  t.true(lab.index.isCorrupt(at('a')));
  await rename(lab.path('a'), lab.path('.a.part'));
  await writeFile(lab.path('new'), good);
  await files.setExecutable(lab.path('new'), true);
  await files.setModified(lab.path('new'), adopted.mtimeUs);
  await rename(lab.path('new'), lab.path('a'));
  await lab.index.record([adopted]);
  t.false(lab.index.isCorrupt(at('a')));
});

test('what comes back after it was deleted is as right as it is read', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), good);
  await lab.scan();
  const { mtimeUs } = lab.store.facts(at('a'))!.disk!;
  await rot(lab, 'a', bad);
  await lab.index.contents.all();
  await rename(lab.path('a'), `${lab.folder}.away`);
  await lab.scan();
  t.is(lab.store.corrupt.count, 0);
  await writeFile(lab.path('a'), good);
  await new NodeFileSystem().setModified(lab.path('a'), mtimeUs);
  await lab.scan();
  t.false(lab.index.isCorrupt(at('a')));
});

test('a file that is written, replaced or deleted while it is compared is not called corrupt', async (t) => {
  const files = new TroubledFileSystem(new NodeFileSystem());
  const lab = await scanLab(t, undefined, { files });
  const entries = ['written', 'replaced', 'deleted'];
  for (const name of entries) await writeFile(lab.path(name), big);
  await lab.scan();
  const changes = {
    written: () => writeFileSync(lab.path('written'), bigAndBad),
    replaced: () => {
      writeFileSync(lab.path('.new.part'), bigAndBad);
      renameSync(lab.path('.new.part'), lab.path('replaced'));
    },
    deleted: () => unlinkSync(lab.path('deleted')),
  };
  for (const [name, change] of Object.entries(changes)) {
    const { mtimeUs } = lab.store.facts(at(name))!.disk!;
    let reads = 0;
    files.trouble = (operation) => {
      if (operation === 'read' && ++reads === 2) {
        change();
        if (name !== 'deleted') utimesSync(lab.path(name), new Date(), new Date(mtimeUs / 1000));
      }
      return undefined;
    };
    const facts = lab.store.facts(at(name))!;
    await lab.index.contents.part(facts, 0, Infinity, new AbortController().signal);
    t.true(reads >= 2, name);
  }
  t.is(lab.store.corrupt.count, 0);
});

test('a corrupt file that becomes executable is announced with the content that it should have', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), good);
  await lab.scan();
  await rot(lab, 'a', bad);
  await lab.index.contents.all();
  const before = lab.index.get(at('a'))!;
  await chmod(lab.path('a'), 0o755);
  await lab.scan();
  const after = lab.index.get(at('a'))!;
  t.true(after.executable);
  t.is(after.sequence, before.sequence + 1);
  t.deepEqual([after.hash, after.blocks, after.mtimeUs], [before.hash, before.blocks, before.mtimeUs]);
  t.true(lab.index.isCorrupt(at('a')));
});

test('a change that is not written yet is what a file is compared with', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), good);
  await lab.scan();
  await writeFile(lab.path('a'), bad);
  refuseChanges(lab.database, true);
  await t.throwsAsync(lab.index.refresh(at('a')));
  const { signal } = new AbortController();
  const facts = lab.store.facts(at('a'))!;
  t.deepEqual((await lab.index.contents.all()).corrupt, []);
  t.deepEqual(await lab.index.contents.part(facts, 0, Infinity, signal), { bytes: 11, next: undefined });
  t.false(lab.logged.some(({ event }) => event === 'file.corrupt'));
  refuseChanges(lab.database, false);
});

test('a corrupt file that is mended while the database takes nothing is whole when it takes it', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), good);
  await lab.scan();
  await rot(lab, 'a', bad);
  await lab.index.contents.all();
  refuseChanges(lab.database, true);
  await writeFile(lab.path('a'), good);
  await t.throwsAsync(lab.scan());
  refuseChanges(lab.database, false);
  await lab.clock.advance(2000);
  t.false(lab.index.isCorrupt(at('a')));
  t.deepEqual(lab.store.corrupt.first(10), []);
});

test('a file that is read again as a whole, in the background too, and is right, is right', async (t) => {
  const lab = await scanLab(t);
  await writeFile(lab.path('a'), big);
  await lab.scan();
  await rot(lab, 'a', bigAndBad);
  await lab.index.contents.all();
  await rot(lab, 'a', big);
  const facts = lab.store.facts(at('a'))!;
  const { signal } = new AbortController();
  t.deepEqual(await lab.index.contents.part(facts, 1, Infinity, signal), {
    bytes: big.length - BLOCK,
    next: undefined,
  });
  t.true(lab.index.isCorrupt(at('a')), 'the first block was not read');
  await lab.index.contents.part(facts, 0, Infinity, signal);
  t.false(lab.index.isCorrupt(at('a')));
});

test('a block that is read again tells whether its file rotted', async (t) => {
  const lab = await scanLab(t);
  for (const name of ['rotten', 'right', 'written']) await writeFile(lab.path(name), big);
  await lab.scan();
  await rot(lab, 'rotten', bigAndBad);
  await writeFile(lab.path('written'), bigAndBad);
  await lab.index.recheck(at('rotten'), 0);
  t.false(lab.index.isCorrupt(at('rotten')), 'another block of it did');
  for (const name of ['rotten', 'right', 'written', 'missing']) await lab.index.recheck(at(name), 1);
  t.deepEqual(lab.store.corrupt.first(10), [at('rotten')]);
});

test('every file that is read is closed again, whatever came of it', async (t) => {
  const files = new CountedFiles();
  const troubled = new TroubledFileSystem(files);
  const lab = await scanLab(t, undefined, { files: troubled });
  for (const name of ['right', 'rotten', 'short', 'unreadable']) await writeFile(lab.path(name), good);
  await lab.scan();
  await rot(lab, 'rotten', bad);
  await writeFile(lab.path('short'), 'x');
  troubled.trouble = (operation, path) =>
    operation === 'read' && path === lab.path('unreadable') ? 'EIO' : undefined;
  const { opened } = files;
  for (const name of ['right', 'rotten', 'short', 'unreadable']) {
    const part = await lab.index.contents.part(lab.store.facts(at(name))!, 0, 1000);
    t.is(part.next, undefined);
  }
  t.is(files.opened, opened + 4);
  t.is(files.closed, files.opened);
});

/** Real files, each of which is counted when it is opened and when it is closed. */
class CountedFiles extends NodeFileSystem {
  opened = 0;
  closed = 0;

  override async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    const file = await super.open(path, mode);
    this.opened += 1;
    return {
      stat: () => file.stat(),
      read: (target, position) => file.read(target, position),
      write: (source, position) => file.write(source, position),
      truncate: (size) => file.truncate(size),
      sync: () => file.sync(),
      close: async () => {
        await file.close();
        this.closed += 1;
      },
    };
  }
}
