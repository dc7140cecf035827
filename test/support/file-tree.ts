import {
  copyFile,
  lstat,
  lutimes,
  mkdir,
  readdir,
  readlink,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Names of the copies: whatever people write. */
const NAMES = ['árbol', 'дерево', '木', 'tree with spaces', "l'arbre", 'شجرة', '🌳', 'Baum (2)'];
/** Times in s: with parts of a second, before 1970, in the future, and none at all. */
const TIMES = [1_700_000_000.123456, 1_234_567_890.999999, 0, -1.5, 315_532_800.000001, 4_102_444_800.25];

const LEAST_COPIES = 3;

/** What there is of one name in a tree. */
export interface TreeItem {
  readonly type: 'file' | 'directory' | 'symlink';
  readonly executable: boolean;
  /** µs since the Unix epoch; 0 for directories, whose times say nothing. */
  readonly mtimeUs: number;
  readonly target: string;
}

/**
 * Makes a tree of at least `count` files in `folder`: copies of `source` (files and folders, as many as it takes) under
 * various names and with odd times, links that stay inside, executables and empty folders. Returns how many files.
 */
export async function plantTree(source: string, folder: string, count: number): Promise<number> {
  const items = await readdir(source, { recursive: true, withFileTypes: true });
  const files = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
  files.sort();
  const each = Math.ceil(count / LEAST_COPIES);
  let planted = 0;
  for (let copy = 0; planted < count; copy += 1) {
    const root = join(folder, `${NAMES[copy % NAMES.length]} ${copy}`);
    for (const file of files.slice(0, Math.min(each, count - planted))) {
      const path = join(root, relative(source, file));
      await mkdir(dirname(path), { recursive: true });
      await copyFile(file, path);
      const time = TIMES[planted % TIMES.length]!;
      await utimes(path, time, time);
      planted += 1;
    }
    await mkdir(join(root, 'empty', 'emptier'), { recursive: true });
    const first = join(root, relative(source, files[0]!));
    await symlink(relative(root, first), join(root, 'link to a file'));
    await symlink('empty', join(root, 'link to a folder'));
    await symlink('../link to a file', join(root, 'empty', 'link through a link'));
    await lutimes(join(root, 'link to a file'), 1_600_000_000.5, 1_600_000_000.654321);
    await writeFile(join(root, 'program'), '#!/bin/sh\n', { mode: 0o755 });
    planted += 1;
  }
  return planted;
}

/** Everything below `folder` but the agent's own, by path. */
export async function readTree(folder: string): Promise<Map<string, TreeItem>> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true });
  const tree = new Map<string, TreeItem>();
  for (const item of items) {
    const path = join(item.parentPath, item.name);
    const name = relative(folder, path);
    if (name === '.compartidos' || name.startsWith('.compartidos/')) continue;
    const stat = await lstat(path, { bigint: true });
    const isFolder = stat.isDirectory();
    tree.set(name, {
      type: isFolder ? 'directory' : stat.isSymbolicLink() ? 'symlink' : 'file',
      executable: stat.isFile() && (stat.mode & 0o100n) !== 0n,
      mtimeUs: isFolder ? 0 : floorToUs(stat.mtimeNs),
      target: stat.isSymbolicLink() ? await readlink(path) : '',
    });
  }
  return tree;
}

function floorToUs(ns: bigint): number {
  const us = ns / 1000n;
  return Number(us * 1000n > ns ? us - 1n : us);
}
