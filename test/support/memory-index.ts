import { join } from 'node:path';
import { blake3 } from '../../src/core/blake3.ts';
import { Emitter } from '../../src/core/emitter.ts';
import { CompartidosError, systemErrorCode } from '../../src/core/errors.ts';
import type { FileStat, FileSystem } from '../../src/core/file-system.ts';
import { HeldPaths } from '../../src/index/held-paths.ts';
import type { LocalIndex, LocalIndexEvents } from '../../src/index/local-index.ts';
import { blockCount, blockRange, HASH_BYTES } from '../../src/model/block-layout.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { PRIVATE_FOLDER, type RelativePath } from '../../src/model/relative-path.ts';
import { incrementVersion } from '../../src/model/version-vector.ts';

/** An index in memory of a folder on some file system: it knows what it was told to look at. */
export class MemoryIndex implements LocalIndex {
  readonly events = new Emitter<LocalIndexEvents>();
  readonly indexId = '0123456789abcdef';
  sequence = 0;
  /** Paths whose content a crash may have damaged. */
  readonly doubted = new Set<RelativePath>();
  /** Paths that do not hold what their entries say. */
  readonly corrupt = new Set<RelativePath>();
  /** Paths of which that will be found when they are read again. */
  readonly rotten = new Set<RelativePath>();
  readonly suspected: RelativePath[] = [];
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly #device: DeviceId;
  readonly #entries = new Map<RelativePath, FileEntry>();
  readonly #byHash = new Map<string, Set<RelativePath>>();
  readonly #held = new HeldPaths(() => {});
  #changes = 0;
  #uses = 0;

  constructor(fileSystem: FileSystem, folder: string, device: DeviceId) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.#device = device;
  }

  get(path: RelativePath): FileEntry | undefined {
    return this.#entries.get(path);
  }

  hasReached(sequence: number): boolean {
    return sequence <= this.sequence;
  }

  after(sequence: number, limit: number): FileEntry[] {
    const entries = [...this.#entries.values()].filter((entry) => entry.sequence > sequence);
    return entries.sort((a, b) => a.sequence - b.sequence).slice(0, limit);
  }

  withHash(hash: Uint8Array): FileEntry[] {
    const paths = this.#byHash.get(String(hash)) ?? [];
    return [...paths].flatMap((path) => {
      const entry = this.#entries.get(path)!;
      return !entry.deleted && entry.hash && Buffer.compare(entry.hash, hash) === 0 ? entry : [];
    });
  }

  findBlock(hash: Uint8Array) {
    for (const { path, size, blocks } of this.#entries.values()) {
      for (let index = 0; index * HASH_BYTES < blocks.length; index += 1) {
        const known = blocks.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
        if (Buffer.compare(known, hash) === 0) return { path, ...blockRange(size, index) };
      }
    }
    return undefined;
  }

  /** Folders that are made on the way stay expected until somebody looks at them. */
  expect(entries: Parameters<LocalIndex['expect']>[0]): () => void {
    return this.#untilCalled(entries.some(({ type }) => type !== 'directory'));
  }

  async hold(paths: readonly RelativePath[]): Promise<() => void> {
    const release = await this.#held.hold(paths);
    const letGo = this.#untilCalled(true);
    return () => {
      letGo();
      release();
    };
  }

  /** Whether somebody still holds paths or expects files. */
  get isInUse(): boolean {
    return this.#uses > 0;
  }

  async record(entries: readonly Omit<FileEntry, 'sequence'>[]): Promise<FileEntry[]> {
    for (const { path } of entries) this.corrupt.delete(path);
    return entries.map((entry) => this.#put(entry));
  }

  withdraw(path: RelativePath): void {
    const known = this.#entries.get(path);
    const gone = { deleted: true, size: 0, blocks: new Uint8Array(), hash: undefined, version: [] };
    if (known?.deleted === false) this.#put({ ...known, ...gone });
  }

  disown(paths: readonly RelativePath[]): void {
    for (const path of paths) {
      const known = this.#entries.get(path);
      if (known?.deleted) this.#put({ ...known, version: [] });
    }
  }

  announceAgain(paths: readonly RelativePath[]): void {
    for (const path of paths) this.#put(this.#entries.get(path)!);
  }

  isCorrupt(path: RelativePath): boolean {
    return this.corrupt.has(path);
  }

  isDoubted(path: RelativePath): boolean {
    return this.doubted.has(path) || this.corrupt.has(path);
  }

  suspect(path: RelativePath): void {
    this.suspected.push(path);
  }

  async verifyFolder(): Promise<void> {
    try {
      await this.#fileSystem.lstat(join(this.#folder, PRIVATE_FOLDER));
    } catch (cause) {
      throw new CompartidosError('FOLDER_CHANGED', { folder: this.#folder, marker: '' }, { cause });
    }
  }

  /** Nobody writes here but the tests, and this is what they write with. */
  async recheck(path: RelativePath): Promise<void> {
    if (this.rotten.has(path)) this.corrupt.add(path);
  }

  isOtherDisk(): boolean {
    return false;
  }

  ignores(): boolean {
    return false;
  }

  async refusal(): Promise<undefined> {}

  /** A user has changed `path`: it is looked at when nobody holds it any more. */
  async touched(path: RelativePath): Promise<FileEntry | undefined> {
    const release = await this.hold([path]);
    try {
      return await this.refresh(path);
    } finally {
      release();
    }
  }

  async refresh(path: RelativePath): Promise<FileEntry | undefined> {
    const known = this.#entries.get(path);
    const stat = await this.#stat(path);
    if (!stat) {
      if (!known || known.deleted) return known;
      const gone = { deleted: true, size: 0, blocks: new Uint8Array(), hash: undefined };
      return this.#put({ ...known, ...gone, version: this.#next(known) });
    }
    const isKnown =
      known?.deleted === false &&
      known.type === stat.type &&
      (stat.type === 'directory' || (known.size === stat.size && known.mtimeUs === stat.mtimeUs));
    if (isKnown) return known;
    const type = stat.type === 'other' ? 'file' : stat.type;
    const blocks = type === 'file' ? await this.#hash(path, stat.size) : new Uint8Array();
    return this.#put({
      path,
      type,
      deleted: false,
      size: type === 'file' ? stat.size : 0,
      mtimeUs: type === 'directory' ? 0 : stat.mtimeUs,
      executable: stat.executable,
      target: type === 'symlink' ? await this.#fileSystem.readLink(this.locate(path)) : '',
      version: this.#next(known),
      blocks,
      hash: type === 'file' ? blake3(blocks) : undefined,
    });
  }

  locate(path: RelativePath): string {
    return join(this.#folder, path);
  }

  #put(entry: Omit<FileEntry, 'sequence'>): FileEntry {
    this.sequence += 1;
    const numbered = { ...entry, sequence: this.sequence };
    this.#entries.set(entry.path, numbered);
    if (entry.hash) {
      const key = String(entry.hash);
      this.#byHash.set(key, (this.#byHash.get(key) ?? new Set()).add(entry.path));
    }
    this.events.emit('changed', [numbered]);
    return numbered;
  }

  #untilCalled(counts: boolean): () => void {
    let left = counts ? 1 : 0;
    this.#uses += left;
    return () => {
      this.#uses -= left;
      left = 0;
    };
  }

  #next(known: FileEntry | undefined) {
    this.#changes += 1;
    return incrementVersion(known?.version ?? [], this.#device, this.#changes);
  }

  async #stat(path: RelativePath): Promise<FileStat | undefined> {
    try {
      return await this.#fileSystem.lstat(this.locate(path));
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #hash(path: RelativePath, size: number): Promise<Uint8Array> {
    const blocks = new Uint8Array(blockCount(size) * HASH_BYTES);
    const file = await this.#fileSystem.open(this.locate(path), 'read');
    try {
      for (let index = 0; index < blockCount(size); index += 1) {
        const { offset, length } = blockRange(size, index);
        const bytes = new Uint8Array(length);
        await file.read(bytes, offset);
        blocks.set(blake3(bytes), index * HASH_BYTES);
      }
    } finally {
      await file.close();
    }
    return blocks;
  }
}
