import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
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
