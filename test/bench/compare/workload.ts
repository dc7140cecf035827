import { randomBytes } from 'node:crypto';
import { copyFile, lstat, mkdir, open, readdir, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Something to be moved from one computer to another. */
export interface Workload {
  readonly name: string;
  /** Bits a second that the source can send, for `tc`; undefined for as fast as the machine goes. */
  readonly line?: string;
  /** Computers that are to have it; 1 if omitted. */
  readonly receivers?: number;
  /** What both sides have before; the folder holds one `payload`, a file or a folder. */
  readonly before?: (folder: string) => Promise<void>;
  /** What is to arrive, made from a copy of what was there before. */
  readonly make: (folder: string) => Promise<void>;
  /** Whether tools that move single files can do it. */
  readonly singleFile: boolean;
}

/** Of a small file there is one appearance a run; `npm run bench:agent` has the spread of many, ours only. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: '64 KiB file',
    singleFile: true,
    make: (folder) => randomFile(join(folder, 'payload'), 64 * KIB),
  },
  {
    name: '2 GiB file, no line limit',
    singleFile: true,
    make: (folder) => randomFile(join(folder, 'payload'), 2 * GIB),
  },
  {
    name: '2 GiB file, 1 Gbit/s',
    line: '1gbit',
    singleFile: true,
    make: (folder) => randomFile(join(folder, 'payload'), 2 * GIB),
  },
  {
    name: '10,000 files of 4-64 KiB',
    singleFile: false,
    make: (folder) => manyFiles(join(folder, 'payload'), 10_000, (index) => (4 + ((index * 37) % 61)) * KIB),
  },
  {
    name: '2,000 mixed files, 1 GiB',
    singleFile: false,
    make: (folder) =>
      manyFiles(join(folder, 'payload'), 2000, (index) =>
        index % 100 === 0 ? 32 * MIB : (16 + ((index * 53) % 400)) * KIB,
      ),
  },
  {
    name: '1 MiB overwritten inside 1 GiB, 1 Gbit/s',
    line: '1gbit',
    singleFile: true,
    before: (folder) => randomFile(join(folder, 'payload'), GIB),
    make: async (folder) => {
      const file = await open(join(folder, 'payload'), 'r+');
      await file.write(randomBytes(MIB), 0, MIB, 300 * MIB + 12_345);
      await file.close();
    },
  },
  {
    name: '1 MiB inserted at the front of 1 GiB',
    singleFile: true,
    before: (folder) => randomFile(join(folder, 'payload'), GIB),
    make: (folder) => insertAtFront(join(folder, 'payload'), MIB),
  },
  {
    name: '1000 bytes inserted at the front of 1 GiB',
    singleFile: true,
    before: (folder) => randomFile(join(folder, 'payload'), GIB),
    make: (folder) => insertAtFront(join(folder, 'payload'), 1000),
  },
  {
    name: '5 odd insertions and removals in 1 GiB, 1 Gbit/s',
    line: '1gbit',
    singleFile: true,
    before: (folder) => randomFile(join(folder, 'payload'), GIB),
    make: (folder) => editEverywhere(join(folder, 'payload')),
  },
  {
    name: '1 GiB replaced by another, no line limit',
    singleFile: true,
    before: (folder) => randomFile(join(folder, 'payload'), GIB),
    make: async (folder) => {
      await unlink(join(folder, 'payload'));
      await randomFile(join(folder, 'payload'), GIB);
    },
  },
  {
    name: '1 GiB file, no line limit',
    singleFile: true,
    make: (folder) => randomFile(join(folder, 'payload'), GIB),
  },
  {
    name: "1 GiB to 3 receivers, source's uplink 1 Gbit/s",
    line: '1gbit',
    receivers: 3,
    singleFile: true,
    make: (folder) => randomFile(join(folder, 'payload'), GIB),
  },
];

/** Makes what agents that are in use have moved before, small files and large ones. Returns how many. */
export async function makeEarlierFiles(folder: string): Promise<number> {
  const small = 5000;
  const large = 8;
  await manyFiles(folder, small, (index) => (4 + ((index * 37) % 61)) * KIB);
  for (let index = 0; index < large; index += 1)
    await randomFile(join(folder, `large ${index}.bin`), 32 * MIB);
  return small + large;
}

async function randomFile(path: string, size: number): Promise<void> {
  const file = await open(path, 'wx');
  for (let at = 0; at < size; at += 16 * MIB) await file.write(randomBytes(Math.min(16 * MIB, size - at)));
  await file.close();
}

async function manyFiles(folder: string, count: number, sizeOf: (index: number) => number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const parent = join(folder, `folder ${index % 50}`);
    if (index < 50) await mkdir(parent, { recursive: true });
    await writeFile(join(parent, `file ${index}.bin`), randomBytes(sizeOf(index)));
  }
}

async function insertAtFront(path: string, length: number): Promise<void> {
  await edit(path, [{ at: 0, removed: 0, inserted: length }]);
}

async function editEverywhere(path: string): Promise<void> {
  await edit(path, [
    { at: 90 * MIB + 12_345, removed: 0, inserted: 777 },
    { at: 300 * MIB + 1, removed: 65_537, inserted: 0 },
    { at: 511 * MIB + 999, removed: 0, inserted: 300_001 },
    { at: 700 * MIB + 54_321, removed: 13, inserted: 0 },
    { at: 950 * MIB + 31_337, removed: 0, inserted: 4097 },
  ]);
}

type Edit = { readonly at: number; readonly removed: number; readonly inserted: number };

/** `edits` are in ascending order and do not overlap. */
async function edit(path: string, edits: readonly Edit[]): Promise<void> {
  const old = `${path}.old`;
  await copyFile(path, old);
  const from = await open(old);
  const to = await open(path, 'w');
  const buffer = Buffer.alloc(16 * MIB);
  const copy = async (start: number, end: number) => {
    for (let at = start; at < end;) {
      const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, end - at), at);
      if (bytesRead === 0) return;
      await to.write(buffer, 0, bytesRead);
      at += bytesRead;
    }
  };
  let at = 0;
  for (const { at: next, removed, inserted } of edits) {
    await copy(at, next);
    if (inserted > 0) await to.write(randomBytes(inserted));
    at = next + removed;
  }
  await copy(at, Infinity);
  await from.close();
  await to.close();
  await unlink(old);
}

/** A file that has to arrive: its path below the folder, bytes, and ms since the Unix epoch. */
export interface Expected {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Every file below `folder`, with whole seconds as its time, so that every tool can keep it. */
export async function expectedFiles(folder: string): Promise<Expected[]> {
  const files: Expected[] = [];
  const seconds = Math.floor(Date.now() / 1000) - 100;
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!item.isFile()) continue;
    const path = join(item.parentPath, item.name);
    await utimes(path, seconds, seconds);
    files.push({
      path: path.slice(folder.length + 1),
      size: (await lstat(path)).size,
      mtimeMs: seconds * 1000,
    });
  }
  return files;
}
