import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** Entries of one generation: what has not been asked for during two of them is forgotten. */
const GENERATION = 4096;
/** Bytes of block hashes from which an entry is not kept: those of large files are large. */
const MAX_BLOCKS = 1024;

/**
 * What was read or written lately, by device and path: a file that is being fetched is looked up a dozen times, and
 * each time costs more in the database than all else that is done with it.
 */
export class RecentEntries {
  #young = new Map<string, FileEntry | null>();
  #old = new Map<string, FileEntry | null>();

  /** Null: there is none. Undefined: it is not known whether there is one. */
  get(device: number, path: RelativePath): FileEntry | null | undefined {
    const key = keyOf(device, path);
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#keep(key, old);
    return old;
  }

  set(device: number, path: RelativePath, entry: FileEntry | undefined): void {
    const key = keyOf(device, path);
    if (entry && entry.blocks.length > MAX_BLOCKS) {
      this.#young.delete(key);
      this.#old.delete(key);
    } else this.#keep(key, entry ? withOwnBytes(entry) : null);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  #keep(key: string, entry: FileEntry | null): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
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
