import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { blake3 } from '../../src/core/blake3.ts';
import { CountingHasher } from './counting-hasher.ts';
import { FakeClock } from './fake-clock.ts';
import { IdleWatcher } from './idle-watcher.ts';
import { sharedFolderLab, type LabOptions, type SharedFolderLab } from './shared-folder-lab.ts';

/** An index that is never told of anything, so that scans find it all, and whose clock never calls a file fresh. */
export async function scanLab(t: ExecutionContext, watcher = new IdleWatcher(), options: LabOptions = {}) {
  const hasher = new CountingHasher(options.files);
  const clock = new FakeClock();
  const lab = await sharedFolderLab(t, { ...options, hasher, clock, watcher: () => watcher });
  await lab.index.start();
  const scan = async () => {
    // The second time records what the first had to read.
    for (let round = 0; round < 2; round += 1) {
      await lab.index.rescan();
      await hasher.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return lab.index.rescan();
  };
  return { ...lab, hasher, clock, scan };
}

export type Seen = Record<string, string>;

/** What a plain walk of the disk finds. */
export function plainWalk(folder: string, below = ''): Seen {
  const seen: Seen = {};
  for (const name of readdirSync(join(folder, below))) {
    const path = below === '' ? name : `${below}/${name}`;
    if (path === '.compartidos') continue;
    const stat = lstatSync(join(folder, path));
    if (stat.isSymbolicLink()) seen[path] = `-> ${readlinkSync(join(folder, path))}`;
    else if (stat.isDirectory()) Object.assign(seen, { [path]: 'folder' }, plainWalk(folder, path));
    else seen[path] = Buffer.from(blake3(readFileSync(join(folder, path)))).toString('hex') + stat.mtimeMs;
  }
  return seen;
}

/** The same, from the index. */
export function indexed({ index }: SharedFolderLab): Seen {
  const seen: Seen = {};
  for (const { path, type, deleted, target, blocks, mtimeUs, size } of index.after(0, 100_000)) {
    if (deleted) continue;
    if (type === 'directory') seen[path] = 'folder';
    else if (type === 'symlink') seen[path] = `-> ${target}`;
    else seen[path] = Buffer.from(size === 0 ? blake3(blocks) : blocks).toString('hex') + mtimeUs / 1000;
  }
  return seen;
}
