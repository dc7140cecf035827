import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** Entries of one generation: what has not been asked for during two of them is forgotten. */
const GENERATION = 4096;
/** Bytes of block hashes from which an entry counts as large; and of all large entries that are kept. */
const LARGE_BYTES = 1024;
const MAX_LARGE_BYTES = 4 * 1024 * 1024;

/**
 * What was read or written lately, by device and path: a file that is being fetched is looked up a dozen times, and
 * each time costs more in the database than all else that is done with it.
 */
export class RecentEntries {
  #young = new Map<string, FileEntry | null>();
  #old = new Map<string, FileEntry | null>();
  /** Of large files: each block that a peer asks for would read them again. The one that was used last comes last. */
  readonly #large = new Map<string, FileEntry>();
  #largeBytes = 0;

  /** Null: there is none. Undefined: it is not known whether there is one. */
  get(device: number, path: RelativePath): FileEntry | null | undefined {
    const key = keyOf(device, path);
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#keep(key, old);
    return old ?? this.#largeAt(key);
  }

  set(device: number, path: RelativePath, entry: FileEntry | undefined): void {
    const key = keyOf(device, path);
    this.#dropLarge(key);
    if (entry && entry.blocks.length > LARGE_BYTES) {
      this.#young.delete(key);
      this.#old.delete(key);
      this.#keepLarge(key, withOwnBytes(entry));
    } else this.#keep(key, entry ? withOwnBytes(entry) : null);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#large.clear();
    this.#largeBytes = 0;
  }

  #keep(key: string, entry: FileEntry | null): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
  }

  #largeAt(key: string): FileEntry | undefined {
    const entry = this.#large.get(key);
    if (!entry) return undefined;
    this.#large.delete(key);
    this.#large.set(key, entry);
    return entry;
  }

  #keepLarge(key: string, entry: FileEntry): void {
    this.#large.set(key, entry);
    this.#largeBytes += entry.blocks.length;
    for (const [oldest] of this.#large) {
      if (this.#largeBytes <= MAX_LARGE_BYTES) return;
      this.#dropLarge(oldest);
    }
  }

  #dropLarge(key: string): void {
    this.#largeBytes -= this.#large.get(key)?.blocks.length ?? 0;
    this.#large.delete(key);
  }
}

function keyOf(device: number, path: RelativePath): string {
  return `${device}/${path}`;
}

/** Hashes that came over the network lie in the message that brought them, and would keep all of it in memory. */
function withOwnBytes(entry: FileEntry): FileEntry {
  const { blocks, hash } = entry;
  return { ...entry, blocks: new Uint8Array(blocks), hash: hash && new Uint8Array(hash) };
}
