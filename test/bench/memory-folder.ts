import { existsSync, ftruncateSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, rm } from 'node:fs/promises';
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

/** Bytes of `WarmMemory` that are free at a time: more than a tool takes between two looks, soon taken. */
const FREE_AT_A_TIME = 128 * MIB;
/** ms between two looks at how much memory has been taken. */
const LOOK_MS = 10;

/**
 * Memory of the machine's own for what is measured. A virtual machine gives memory that was free for two seconds back to
 * its host, and takes it from there again page by page, which costs several times what writing to it does: whoever begins
 * sooner after the last measurement, or ends sooner, would find it cheaper. So as many bytes as will be written are held
 * by a file, which shrinks by what is taken meanwhile.
 */
export class WarmMemory {
  readonly #path: string;
  readonly #file: FileHandle;
  #held: number;
  readonly #timer: NodeJS.Timeout;

  private constructor(path: string, file: FileHandle, held: number) {
    this.#path = path;
    this.#file = file;
    this.#held = held;
    this.#shrink(FREE_AT_A_TIME);
    const free = freeMemory();
    this.#timer = setInterval(() => this.#shrink(free - freeMemory()), LOOK_MS);
  }

  /** Writes so many bytes into a file in `folder`, and begins to let go of them as they are taken. */
  static async hold(folder: string, bytes: number): Promise<WarmMemory> {
    const path = join(folder, 'warm-memory');
    const piece = Buffer.alloc(16 * MIB);
    const file = await open(path, 'wx');
    let held = 0;
    while (held < bytes) held += (await file.write(piece)).bytesWritten;
    return new WarmMemory(path, file, held);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#file.close();
    await rm(this.#path);
  }

  #shrink(by: number): void {
    if (by <= 0 || this.#held === 0) return;
    this.#held = Math.max(0, this.#held - by);
    ftruncateSync(this.#file.fd, this.#held);
  }
}

/** Bytes that nobody uses. `freemem` of node:os counts what could be made free as well. */
function freeMemory(): number {
  const kib = /^MemFree:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1];
  return Number(kib) * 1024;
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
