/**
 * What the index costs: `node .build/test/bench/index-store.js [FILES]` (1,000,000 by default). Prints ms and MiB for
 * writing, reopening after a clean stop and after a kill, reading all facts, and looking up.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { join } from 'node:path';
import { EntryStore, type LocalChange } from '../../src/index/entry-store.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { fileEntry } from '../support/entries.ts';
import { testDatabase } from '../support/test-database.ts';

const files = Number(process.argv[2] ?? 1_000_000);
const BATCH = 1000;
const folder = mkdtempSync(join(tmpdir(), 'compartidos-bench-'));

function report(what: string, start: number): void {
  const rss = Math.round(process.memoryUsage.rss() / 2 ** 20);
  console.log(
    `${what.padEnd(40)} ${(performance.now() - start).toFixed(1).padStart(10)} ms   RSS ${rss} MiB`,
  );
}

function change(number: number): LocalChange {
  const path = `project-${Math.floor(number / 10_000)}/folder ${Math.floor(number / 100)}/document number ${number}.txt`;
  const disk = {
    mtimeUs: 1_700_000_000_000_000 + number,
    ctimeUs: 1_700_000_000_000_000 + number,
    inode: String(1_000_000 + number),
    volume: '2049',
    nativeName: undefined,
  };
  return { entry: fileEntry(path, { size: 1000 + (number % 60_000) }), disk };
}

try {
  let database = testDatabase(folder);
  let store = new EntryStore(database, new EntryTable(database));
  let spent = 0;
  for (let at = 0; at < files; at += BATCH) {
    const changes = Array.from({ length: Math.min(BATCH, files - at) }, (_, offset) => change(at + offset));
    const start = performance.now();
    store.put(changes);
    spent += performance.now() - start;
    await turn();
  }
  report(`put ${files} files, ${BATCH} a transaction`, performance.now() - spent);

  let start = performance.now();
  database.close();
  report('close', start);
  console.log(`index.db: ${Math.round(statSync(join(folder, 'index.db')).size / 2 ** 20)} MiB`);

  start = performance.now();
  database = testDatabase(folder);
  store = new EntryStore(database, new EntryTable(database));
  report('open after a clean stop', start);

  start = performance.now();
  let seen = 0;
  for (const facts of store.allFacts()) if (facts.disk) seen += 1;
  report(`read the facts of ${seen} files`, start);

  const some = Array.from({ length: 10_000 }, (_, at) => change((at * 7919) % files).entry);
  start = performance.now();
  for (const { path } of some) store.get(path);
  report('get 10,000 entries', start);

  start = performance.now();
  for (const entry of some) if (!store.findBlock(entry.blocks)) throw new Error('not found');
  report('find 10,000 blocks', start);

  start = performance.now();
  let sequence = 0;
  for (;;) {
    const page = store.after(sequence, 1000);
    if (page.length === 0) break;
    sequence = page.at(-1)!.sequence;
  }
  report('read all entries by sequence', start);

  start = performance.now();
  store.put([change(1)]);
  report('put one file', start);

  start = performance.now();
  database.prepare('PRAGMA quick_check(1)').row();
  report('quick_check (after an unclean stop)', start);
  database.close();
} finally {
  rmSync(folder, { recursive: true });
}
