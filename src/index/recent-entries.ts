import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** Entries of one generation: what has not been asked for during two of them is forgotten. */
const GENERATION = 16_384;
/** Bytes, as `weightOf` counts them, from which an entry counts as large; and of all large entries that are kept. */
const LARGE_BYTES = 1024;
const MAX_LARGE_BYTES = 4 * 1024 * 1024;

/**
 * What was read or written lately, by device and path: a file that is being fetched is looked up a dozen times, and
 * each time costs more in the database than all else that is done with it.
 */
export class RecentEntries {
  #young = new ByPath<FileEntry | null>();
  #old = new ByPath<FileEntry | null>();
  /**
   * Of large files, each block of which that a peer asks for would read them again, and of whatever a peer makes large. The
   * one that was used last comes last.
   */
  readonly #large = new ByPath<FileEntry>();
  #largeBytes = 0;

  /** Null: there is none. Undefined: it is not known whether there is one. */
  get(device: number, path: RelativePath): FileEntry | null | undefined {
    const young = this.#young.get(device, path);
    if (young !== undefined) return young;
    const old = this.#old.get(device, path);
    if (old === undefined) return this.#largeAt(device, path);
    this.#keep(device, path, old);
    return old;
  }

  set(device: number, path: RelativePath, entry: FileEntry | undefined): void {
    this.#dropLarge(device, path);
    if (entry && weightOf(entry) > LARGE_BYTES) {
      this.#young.delete(device, path);
      this.#old.delete(device, path);
      this.#keepLarge(device, path, withOwnBytes(entry));
    } else this.#keep(device, path, entry ? withOwnBytes(entry) : null);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#large.clear();
    this.#largeBytes = 0;
  }

  #keep(device: number, path: RelativePath, entry: FileEntry | null): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new ByPath();
    }
    this.#young.set(device, path, entry);
  }

  #largeAt(device: number, path: RelativePath): FileEntry | undefined {
    const entry = this.#large.get(device, path);
    if (!entry) return undefined;
    this.#large.delete(device, path);
    this.#large.set(device, path, entry);
    return entry;
  }

  #keepLarge(device: number, path: RelativePath, entry: FileEntry): void {
    this.#large.set(device, path, entry);
    this.#largeBytes += weightOf(entry);
    for (const [ofDevice, oldest] of this.#large.keys()) {
      if (this.#largeBytes <= MAX_LARGE_BYTES) return;
      this.#dropLarge(ofDevice, oldest);
    }
  }

  #dropLarge(device: number, path: RelativePath): void {
    const entry = this.#large.get(device, path);
    if (!entry) return;
    this.#largeBytes -= weightOf(entry);
    this.#large.delete(device, path);
  }
}

/** A Map by device and path. To join the two into one key would cost more than all else that is done here. */
class ByPath<Value> {
  readonly #devices = new Map<number, Map<RelativePath, Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(device: number, path: RelativePath): Value | undefined {
    return this.#devices.get(device)?.get(path);
  }

  set(device: number, path: RelativePath, value: Value): void {
    let paths = this.#devices.get(device);
    if (!paths) {
      paths = new Map();
      this.#devices.set(device, paths);
    }
    const before = paths.size;
    paths.set(path, value);
    this.#size += paths.size - before;
  }

  delete(device: number, path: RelativePath): void {
    if (this.#devices.get(device)?.delete(path)) this.#size -= 1;
  }

  clear(): void {
    this.#devices.clear();
    this.#size = 0;
  }

  /** Those of each device in the order in which they were set. */
  *keys(): Generator<[device: number, path: RelativePath]> {
    for (const [device, paths] of this.#devices) for (const path of paths.keys()) yield [device, path];
  }
}

/** Bytes of memory that a counter of a version takes, about. */
const COUNTER_BYTES = 48;

/** Bytes of memory of what a peer may make long. */
function weightOf({ path, target, version, blocks }: FileEntry): number {
  return path.length + target.length + version.length * COUNTER_BYTES + blocks.length;
}

/** Hashes that came over the network lie in the message that brought them, and would keep all of it in memory. */
function withOwnBytes(entry: FileEntry): FileEntry {
  const { blocks, hash } = entry;
  return { ...entry, blocks: new Uint8Array(blocks), hash: hash && new Uint8Array(hash) };
}
