/**
 * What the catalogue costs: `npm run bench:catalogue`. Two situations: five peers with 100,000 files each, and
 * 1,000,000 files of our own. Prints the bytes of memory that an entry takes, and for each query how many files it
 * finds and the median and the 95th percentile in ms, and the median of the processor time: what it takes on a machine
 * at rest.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { PeerCatalogue } from '../../src/catalogue/peer-catalogue.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { EntryStore } from '../../src/index/entry-store.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { RemoteStore } from '../../src/index/remote-store.ts';
import { RowReader } from '../../src/index/row-reader.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeNetwork } from '../support/fake-network.ts';
import { testDatabase } from '../support/test-database.ts';
import { percentile } from './percentile.ts';

const PEERS = 5;
const FILES_OF_A_PEER = 100_000;
const OWN_FILES = 1_000_000;
const BATCH = 1000;
const REPEATS = 40;

const WORDS = ['informe', 'Año', 'foto', 'música', 'Rechnung', 'notes', 'backup', 'vídeo', 'draft', 'IMG'];
const ENDINGS = ['pdf', 'jpg', 'txt', 'mp3', 'docx', 'tar.gz', 'JPG'];
const QUERIES = [
  'informe 4711',
  'ano',
  'zzz',
  '*.pdf',
  '**/foto*77*.jpg',
  'project-7/**',
  '*[0-9]5.{mp3,docx}',
  '',
];

function file(number: number, sequence: number): FileEntry {
  const word = (shift: number) => WORDS[Math.floor(number / 10 ** shift) % 10]!;
  const folder = `project-${Math.floor(number / 10_000)}/${word(3)} ${word(2)}`;
  return fileEntry(`${folder}/${word(0)} ${number}.${ENDINGS[number % 7]!}`, {
    sequence,
    content: String(number),
  });
}

function memory(): number {
  for (let round = 0; round < 4; round += 1) global.gc?.();
  return process.memoryUsage.rss();
}

async function measure(what: string, fill: (parts: Parts) => Promise<number>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'compartidos-bench-'));
  try {
    let database = testDatabase(folder);
    const entries = await fill(partsOf(database));
    database.close();
    // What filling has left in memory is not what the catalogue takes: everything is opened anew.
    database = testDatabase(folder);
    const before = memory();
    const start = performance.now();
    const { catalogue } = partsOf(database);
    await catalogue.find('warm up');
    const loading = performance.now() - start;
    const { count, bytes } = catalogue.names;
    console.log(`${what}: ${entries} entries`);
    console.log(`  names read in ${loading.toFixed(0)} ms, ${(bytes / count).toFixed(1)} bytes each`);
    for (const query of QUERIES) {
      const times: number[] = [];
      const cpuTimes: number[] = [];
      let found = 0;
      for (let repeat = 0; repeat < REPEATS; repeat += 1) {
        const cpu = process.cpuUsage();
        const began = performance.now();
        found = (await catalogue.find(query)).length;
        times.push(performance.now() - began);
        cpuTimes.push(process.cpuUsage(cpu).user / 1000);
        await turn();
      }
      const [median, high, cpu] = [
        percentile(times, 0.5),
        percentile(times, 0.95),
        percentile(cpuTimes, 0.5),
      ];
      console.log(
        `  ${JSON.stringify(query).padEnd(22)} ${String(found).padStart(5)} found   median ${median.toFixed(1)} ms   ` +
          `p95 ${high.toFixed(1)} ms   CPU ${cpu.toFixed(1)} ms`,
      );
    }
    const grown = memory() - before;
    console.log(
      `  resident memory grew by ${(grown / entries).toFixed(0)} bytes an entry, SQLite's cache included`,
    );
    database.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Parts {
  readonly store: EntryStore;
  readonly remote: RemoteStore;
  readonly catalogue: PeerCatalogue;
}

function partsOf(database: ReturnType<typeof testDatabase>): Parts {
  const table = new EntryTable(database);
  const remote = new RemoteStore(database, table);
  const network = new FakeNetwork(deviceNamed('us'), 'us');
  const catalogue = new PeerCatalogue({ network, remote, rows: new RowReader(database), clock: systemClock });
  return { store: new EntryStore(database, table), remote, catalogue };
}

await measure(`${PEERS} peers, ${FILES_OF_A_PEER} files each`, async ({ remote }) => {
  for (let peer = 0; peer < PEERS; peer += 1) {
    const device = deviceNamed(`peer ${peer}`);
    remote.setDevice(device, { name: `peer ${peer}`, host: '192.0.2.1', port: 6000, lastSeen: 0 });
    for (let at = 0; at < FILES_OF_A_PEER; at += BATCH) {
      // Half of what a peer has, the next one has too.
      const first = (peer * FILES_OF_A_PEER) / 2 + at;
      const entries = Array.from({ length: BATCH }, (_, offset) => file(first + offset, at + offset + 1));
      remote.put(device, { indexId: 'aa', fresh: false, until: at + BATCH, entries });
      await turn();
    }
  }
  return PEERS * FILES_OF_A_PEER;
});

await measure(`${OWN_FILES} files of our own`, async ({ store }) => {
  for (let at = 0; at < OWN_FILES; at += BATCH) {
    store.put(
      Array.from({ length: BATCH }, (_, offset) => ({ entry: file(at + offset, 0), disk: undefined })),
    );
    await turn();
  }
  return OWN_FILES;
});
