import { Emitter } from '../../src/core/emitter.ts';
import type { Database } from '../../src/index/database.ts';
import { EntryStore } from '../../src/index/entry-store.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import type { LocalIndex, LocalIndexEvents } from '../../src/index/local-index.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import type { RelativePath } from '../../src/model/relative-path.ts';

/** A local index without a folder: what `record` is given is what there is. */
export class FakeLocalIndex implements LocalIndex {
  readonly events = new Emitter<LocalIndexEvents>();
  readonly #store: EntryStore;

  constructor(database: Database, table = new EntryTable(database)) {
    this.#store = new EntryStore(database, table);
  }

  get indexId(): string {
    return this.#store.indexId;
  }

  get sequence(): number {
    return this.#store.sequence;
  }

  hasReached(sequence: number): boolean {
    return this.#store.hasReached(sequence);
  }

  get(path: RelativePath): FileEntry | undefined {
    return this.#store.get(path);
  }

  after(sequence: number, limit: number): FileEntry[] {
    return this.#store.after(sequence, limit);
  }

  withHash(hash: Uint8Array): FileEntry[] {
    return this.#store.withHash(hash);
  }

  findBlock(hash: Uint8Array): ReturnType<EntryStore['findBlock']> {
    return this.#store.findBlock(hash);
  }

  /** The same as `record`, at once. */
  put(...entries: Omit<FileEntry, 'sequence'>[]): FileEntry[] {
    const stored = this.#store.put(entries.map((entry) => ({ entry, disk: undefined })));
    this.events.emit('changed', stored);
    return stored;
  }

  async record(entries: readonly Omit<FileEntry, 'sequence'>[]): Promise<FileEntry[]> {
    return this.put(...entries);
  }

  expect(): () => void {
    return () => undefined;
  }

  async hold(): Promise<() => void> {
    return () => {};
  }

  withdraw(): void {}

  disown(paths: readonly RelativePath[]): void {
    for (const path of paths) {
      const entry = this.get(path);
      if (entry?.deleted) this.put({ ...entry, version: [] });
    }
  }

  announceAgain(paths: readonly RelativePath[]): void {
    for (const path of paths) this.put(this.get(path)!);
  }

  isCorrupt(): boolean {
    return false;
  }

  isDoubted(): boolean {
    return false;
  }

  suspect(): void {}

  async verifyFolder(): Promise<void> {}

  async recheck(): Promise<void> {}

  isOtherDisk(): boolean {
    return false;
  }

  ignores(): boolean {
    return false;
  }

  async refusal(): Promise<undefined> {}

  async refresh(path: RelativePath): Promise<FileEntry | undefined> {
    return this.get(path);
  }

  locate(path: RelativePath): string {
    return `/shared/${path}`;
  }
}
