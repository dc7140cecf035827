import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '../../src/core/logger.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemRandom } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { ChokidarWatcher } from '../../src/index/chokidar-watcher.ts';
import { openDatabase } from '../../src/index/database.ts';
import { EntryStore } from '../../src/index/entry-store.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { FolderIndex } from '../../src/index/folder-index.ts';
import { WorkerHasher } from '../../src/index/worker-hasher.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { deviceNamed } from '../support/entries.ts';
import { polled } from '../support/polling.ts';
import { percentile } from './percentile.ts';

/**
 * Measures the shared folder: the first start with new files, the next with the same, and how soon a change is
 * announced. Usage: npm run bench:folder -- [FILES…]; 10000 and 100000 files by default.
 */
const FILES_IN_FOLDER = 100;
const SAMPLES = 50;

interface Opened {
  readonly index: FolderIndex;
  stop(): Promise<void>;
}

function open(base: string): Opened {
  const database = openDatabase({
    stateFolder: join(base, 'state'),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  });
  const files = new NodeFileSystem();
  const hasher = new WorkerHasher(systemClock, files);
  const index = new FolderIndex({
    folder: join(base, 'compartidos'),
    self: deviceNamed('bench'),
    files,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    store: new EntryStore(database, new EntryTable(database)),
    memory: database,
    hasher,
    watcher: () => new ChokidarWatcher(),
  });
  return {
    index,
    async stop() {
      await index.stop();
      await hasher.stop();
      database.close();
    },
  };
}

/** ms until the first scan is complete, and until `hashed` files have been announced with their hash. */
async function start({ index }: Opened, hashed = 0): Promise<number> {
  const began = performance.now();
  let announced = 0;
  const remove = index.events.on(
    'changed',
    (entries) => (announced += entries.filter(({ hash }) => hash).length),
  );
  const ready = new Promise<void>((resolve) => index.events.once('ready', resolve));
  await index.start();
  await ready;
  await polled(10, () => announced >= hashed);
  remove();
  return performance.now() - began;
}

function watches(): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    try {
      count += readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify/gm)?.length ?? 0;
    } catch {
      // The descriptor that listed the others is closed by now.
    }
  }
  return count;
}

function fill(folder: string, files: number): void {
  for (let at = 0; at < files; at += 1) {
    const sub = join(folder, `folder-${Math.floor(at / FILES_IN_FOLDER)}`);
    if (at % FILES_IN_FOLDER === 0) mkdirSync(sub, { recursive: true });
    writeFileSync(join(sub, `file-number-${at}.txt`), `content ${at}`);
  }
}

function print(what: string, value: string): void {
  console.log(`${what.padEnd(52)} ${value}`);
}

function summary(samples: readonly number[]): string {
  const of = (share: number) => percentile(samples, share).toFixed(0);
  return `p50 ${of(0.5)} ms, p95 ${of(0.95)} ms, max ${of(1)} ms`;
}

async function latency(
  index: FolderIndex,
  count: number,
  make: (at: number) => Promise<string>,
): Promise<number[]> {
  const samples: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const seen: { entry: FileEntry; time: number }[] = [];
    const remove = index.events.on('changed', (entries) =>
      entries.forEach((entry) => seen.push({ entry, time: performance.now() })),
    );
    const wanted = await make(at);
    const made = performance.now();
    const find = () => seen.find(({ entry, time }) => entry.path === wanted && time >= made - 5);
    await polled(2, () => find() !== undefined);
    remove();
    samples.push(Math.max(0, find()!.time - made));
    await sleep(20);
  }
  return samples;
}

async function measure(files: number): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), 'compartidos-bench-'));
  const folder = join(base, 'compartidos');
  fill(folder, files);
  await sleep(500);
  print(`${files} new files: found and hashed`, `${(await reopened(base, files)).toFixed(0)} ms`);
  const opened = open(base);
  const cpu = process.cpuUsage();
  const took = await start(opened);
  const { user, system } = process.cpuUsage(cpu);
  print(
    `${files} unchanged files: start`,
    `${took.toFixed(0)} ms, ${((user + system) / 1000).toFixed(0)} ms of CPU`,
  );
  print('watches of the system', `${watches()}`);
  print('memory of the process (RSS)', `${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
  const sub = join(folder, 'folder-0');
  const renamed = await latency(opened.index, SAMPLES, async (at) => {
    writeFileSync(join(base, 'outside'), Buffer.alloc(65536, at));
    renameSync(join(base, 'outside'), join(sub, `renamed-${at}`));
    return `folder-0/renamed-${at}`;
  });
  print('64 KiB file, moved there: announced after', summary(renamed));
  const written = await latency(opened.index, 10, async (at) => {
    for (let piece = 0; piece < 5; piece += 1) {
      appendFileSync(join(sub, `written-${at}`), Buffer.alloc(20_000, piece));
      await sleep(60);
    }
    appendFileSync(join(sub, `written-${at}`), 'the end');
    return `folder-0/written-${at}`;
  });
  print('file written in pieces: announced after its last', summary(written));
  const idle = process.cpuUsage();
  await sleep(3000);
  const used = process.cpuUsage(idle);
  print('CPU while nothing happens', `${((used.user + used.system) / 30_000).toFixed(2)} % of a core`);
  await opened.stop();
  rmSync(base, { recursive: true });
}

async function reopened(base: string, files: number): Promise<number> {
  const opened = open(base);
  const took = await start(opened, files);
  await opened.stop();
  return took;
}

const counts = process.argv.slice(2).map(Number);
const [only] = counts;
if (counts.length === 1 && only) await measure(only);
else {
  // Each in a process of its own, so that memory tells.
  for (const files of counts.length > 0 ? counts : [10_000, 100_000]) {
    execFileSync(process.execPath, [process.argv[1]!, `${files}`], { stdio: 'inherit' });
  }
}
