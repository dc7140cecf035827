import { rename, writeFile } from 'node:fs/promises';
import test from 'ava';
import type { EntryStore } from '../../src/index/entry-store.ts';
import { SqliteError } from '../../src/index/sqlite.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { scanLab } from '../support/scan-lab.ts';

const file = parseRelativePath('file');
const accented = parseRelativePath('árbol');
const renamed = parseRelativePath('ñu');

/** Keeps the index from being read, until the function that is returned is called. */
function breakReading(store: EntryStore): () => void {
  const get = store.get.bind(store);
  const facts = store.facts.bind(store);
  store.get = store.facts = () => {
    throw new SqliteError('SQLITE_IOERR_READ', 'disk I/O error');
  };
  return () => Object.assign(store, { get, facts });
}

test('what cannot be looked up when it has been read is found again when it can be', async (t) => {
  const lab = await scanLab(t);
  const { index, hasher, clock, store } = lab;
  await lab.scan();
  await lab.place('file', 'content');
  let letGo = (): void => undefined;
  hasher.held = new Promise<void>((resolve) => (letGo = resolve));
  await index.rescan();
  const mend = breakReading(store);
  letGo();
  await hasher.idle();
  await new Promise((resolve) => setImmediate(resolve));
  t.like(index.problems[0], {
    code: 'DISK_ERROR',
    params: { path: 'index.db', reason: 'SQLITE_IOERR_READ' },
  });
  mend();
  while (!index.get(file)?.hash || index.problems.length > 0) await clock.advance(1000);
  t.deepEqual(
    lab.logged.filter(({ event }) => event.includes('readable')).map(({ event }) => event),
    ['index.unreadable', 'index.readable'],
  );
});

test('who lets go of paths that cannot be looked up has let go of all of them', async (t) => {
  const lab = await scanLab(t);
  const { index, clock, store } = lab;
  await lab.place(accented, 'content');
  await lab.scan();
  const release = await index.hold([accented, renamed]);
  await rename(lab.path(accented), lab.path(renamed));
  await index.rescan();
  const mend = breakReading(store);
  t.notThrows(release);
  mend();
  const again = await index.hold([accented, renamed]);
  again();
  // The new name is announced before the old one is withdrawn.
  while (!index.get(renamed)?.hash || !index.get(accented)!.deleted) await clock.advance(1000);
  t.pass();
});

test('a scan that the database stops is made again before long, and so is the first one', async (t) => {
  const lab = await scanLab(t);
  const { index, clock, store } = lab;
  await lab.scan();
  await writeFile(lab.path('file'), 'content');
  const mend = breakReading(store);
  t.false(await index.rescan());
  t.is(index.problems[0]!.code, 'DISK_ERROR');
  mend();
  while (!index.get(file)?.hash) await clock.advance(1000);
  t.pass();
});
