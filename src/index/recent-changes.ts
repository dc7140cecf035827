import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** Entries that are kept, at most twice as many for a while; and bytes of their block hashes. */
const KEPT = 2048;
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;

/** Our last changes, by sequence: what has just been written is what every peer is told, and need not be read again. */
export class RecentChanges {
  /** In ascending order of sequence, without a gap. */
  #entries: FileEntry[] = [];
  #blockBytes = 0;
  /** Of the entries that are here: an older one of the same path is none any more. */
  readonly #latest = new Map<RelativePath, number>();

  /** What has been committed, in ascending order of sequence. */
  add(entries: readonly FileEntry[]): void {
    for (const entry of entries) {
      if (entry.sequence !== (this.#entries.at(-1)?.sequence ?? 0) + 1) this.#clear();
      this.#entries.push(entry);
      this.#latest.set(entry.path, entry.sequence);
      this.#blockBytes += entry.blocks.length;
    }
    if (this.#entries.length > 2 * KEPT) this.#forget(this.#entries.length - KEPT);
    if (this.#blockBytes > MAX_BLOCK_BYTES) this.#clear();
  }

  /** At most `limit` entries after `sequence`; undefined when not all of them are here. */
  after(sequence: number, limit: number): FileEntry[] | undefined {
    const first = this.#entries[0];
    if (!first || sequence < first.sequence - 1) return undefined;
    const found: FileEntry[] = [];
    for (let at = sequence + 1 - first.sequence; at < this.#entries.length && found.length < limit; at += 1) {
      const entry = this.#entries[at]!;
      if (this.#latest.get(entry.path) === entry.sequence) found.push(entry);
    }
    return found;
  }

  #forget(count: number): void {
    for (const { path, sequence, blocks } of this.#entries.splice(0, count)) {
      this.#blockBytes -= blocks.length;
      if (this.#latest.get(path) === sequence) this.#latest.delete(path);
    }
  }

  #clear(): void {
    this.#entries = [];
    this.#blockBytes = 0;
    this.#latest.clear();
  }
}
