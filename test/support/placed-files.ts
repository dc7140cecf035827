import { createHash } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../src/core/errors.ts';

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Watches what stands under final names in a flat folder: reads each file whenever the system tells of it, and keeps
 * what is none of the contents that it may have.
 */
export class PlacedFiles {
  /** What was seen that should not have been there. */
  readonly wrong: string[] = [];
  /** How many times a file was read and was right. */
  looks = 0;
  readonly #folder: string;
  /** By name, the digests that a file may have. */
  readonly #allowed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #watcher: FSWatcher;
  readonly #due = new Set<string>();
  /** By name, the file that was right when it was last read: inode, size and time of change. */
  readonly #right = new Map<string, string>();
  #looking = Promise.resolve();

  constructor(folder: string, allowed: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#folder = folder;
    this.#allowed = allowed;
    this.#watcher = watch(folder, (_, name) => {
      if (name === null || name.startsWith('.compartidos')) return;
      this.#lookSoon(name);
    });
  }

  /** Looks at every file that is there now, and resolves when all that was told before has been looked at, too. */
  async lookAtAll(): Promise<void> {
    for (const name of await readdir(this.#folder)) if (name !== '.compartidos') this.#lookSoon(name);
    await this.#looking;
  }

  close(): void {
    this.#watcher.close();
  }

  #lookSoon(name: string): void {
    if (this.#due.has(name)) return;
    this.#due.add(name);
    this.#looking = this.#looking.then(() => {
      this.#due.delete(name);
      return this.#look(name);
    });
  }

  async #look(name: string): Promise<void> {
    const file = await openIfThere(join(this.#folder, name));
    if (!file) return;
    try {
      const { ino, size, ctimeNs } = await file.stat({ bigint: true });
      const state = `${ino} ${size} ${ctimeNs}`;
      if (this.#right.get(name) === state) return;
      const bytes = await file.readFile();
      if (this.#allowed.get(name)?.has(digest(bytes))) {
        this.#right.set(name, state);
        this.looks += 1;
      } else {
        this.wrong.push(`${name}: ${bytes.length} bytes that nobody ever wrote there`);
      }
    } finally {
      await file.close();
    }
  }
}

/** Undefined when it has just gone, as an older version does to the trash. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
