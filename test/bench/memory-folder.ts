import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const MEMORY = '/dev/shm';

/** Those that still exist. */
const folders = new Set<string>();

/** A new folder on a file system in memory. SIGINT and SIGTERM remove it; after SIGKILL the next call does. */
export async function memoryFolder(): Promise<string> {
  await removeLeftovers();
  const folder = await mkdtemp(join(MEMORY, `compartidos-bench-${process.pid}-`));
  folders.add(folder);
  return folder;
}

export async function removeMemoryFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  folders.delete(folder);
}

const MIB = 1024 * 1024;

/**
 * Writes so many bytes into `folder` and removes them. A virtual machine gives memory that was free for two seconds back
 * to its host, and takes it from there again page by page, which costs several times what writing to it does: else
 * whoever begins sooner after the last measurement would find it cheaper.
 */
export async function warmUpMemory(folder: string, bytes: number): Promise<void> {
  const path = join(folder, 'warm-up');
  const piece = Buffer.alloc(16 * MIB);
  const file = await open(path, 'wx');
  for (let written = 0; written < bytes; written += piece.length) await file.write(piece);
  await file.close();
  await rm(path);
}

async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(MEMORY)) {
    const pid = /^compartidos-bench-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    await rm(join(MEMORY, name), { recursive: true, force: true });
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    process.kill(process.pid, signal);
  });
}
