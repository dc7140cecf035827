import { z } from 'zod';
import { parseDeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions, type VersionVector } from '../model/version-vector.ts';
import { isTimeHeld } from './held-time.ts';
import type { FolderMemory } from './shared-folder.ts';

const KEY = 'expected-files';
/** Groups that are over and of which something may just be looked at. */
const KEPT = 4;

const shape = z.array(
  z.object({
    path: z.string(),
    size: z.number(),
    mtimeUs: z.number(),
    executable: z.boolean(),
    hash: z.string(),
    version: z.array(z.object({ device: z.string().transform(parseDeviceId), value: z.number() })),
  }),
);

/** A file that is about to be put in place: its hash in base64. */
type Expected = Pick<FileEntry, 'size' | 'mtimeUs' | 'executable' | 'version'> & {
  readonly path: string;
  readonly hash: string;
};

/**
 * Files that we are about to put in place. A crash between that and their being recorded leaves files that the index
 * does not know, and that are nobody's edit: found again, they are of the version that they were meant to be.
 */
export class ExpectedFiles {
  readonly #memory: FolderMemory;
  /** Of an earlier process, until everything has been looked at once. */
  #left: ReadonlyMap<string, readonly Expected[]>;
  /** Places in the database that are in use or were. */
  #places = 0;
  /** Those that are being put in place, each group in a place of its own in the database. */
  readonly #now: (ReadonlyMap<string, readonly Expected[]> | undefined)[] = [];
  #before: ReadonlyMap<string, readonly Expected[]>[] = [];
  /** Folders, until they are found. A crash loses them, and nothing with them. */
  readonly #folders = new Map<RelativePath, VersionVector>();

  constructor(memory: FolderMemory) {
    this.#memory = memory;
    const left: Expected[] = [];
    for (; ; this.#places += 1) {
      const json = memory.meta(keyOf(this.#places));
      if (json === undefined) break;
      left.push(...read(json));
    }
    // What was left by the process before the last is in each of its places.
    this.#left = byPath([...new Map(left.map((file) => [JSON.stringify(file), file])).values()]);
  }

  /**
   * Durable when this returns. Throws what the database throws.
   * @returns what to call when they are recorded, or will not be.
   */
  expect(entries: readonly Omit<FileEntry, 'sequence'>[]): () => void {
    const folders = entries.filter(({ type }) => type === 'directory');
    for (const { path, version } of folders) this.#folders.set(path, version);
    const settle = this.#expectFiles(entries);
    return () => {
      for (const { path } of folders) this.#folders.delete(path);
      settle();
    };
  }

  #expectFiles(entries: readonly Omit<FileEntry, 'sequence'>[]): () => void {
    const expected = entries.flatMap((entry): Expected[] => {
      const { path, type, size, mtimeUs, executable, hash, version } = entry;
      if (type !== 'file' || !hash) return [];
      return [{ path, size, mtimeUs, executable, version, hash: base64(hash) }];
    });
    if (expected.length === 0) return () => undefined;
    const free = this.#now.indexOf(undefined);
    const place = free < 0 ? this.#now.length : free;
    this.#write(place, [...[...this.#left.values()].flat(), ...expected]);
    this.#places = Math.max(this.#places, place + 1);
    const group = byPath(expected);
    this.#now[place] = group;
    return () => {
      if (this.#now[place] !== group) return;
      this.#now[place] = undefined;
      this.#before = [group, ...this.#before].slice(0, KEPT);
    };
  }

  /** A folder has been found at `path`: the version that one was expected to have there, if any was. */
  takeFolder(path: RelativePath): VersionVector | undefined {
    const version = this.#folders.get(path);
    this.#folders.delete(path);
    return version;
  }

  /** Whether a file of this size may be one of them. */
  mayBe(path: RelativePath, size: number): boolean {
    return this.#at(path).some((expected) => expected.size === size);
  }

  /**
   * What a file that is there now was expected to be: of its content, time and mode; of its content and about its time where
   * the disk does not hold all of that.
   */
  find(
    found: Pick<FileEntry, 'path' | 'mtimeUs' | 'executable' | 'hash'>,
    isHeldExactly: boolean,
  ): Pick<FileEntry, 'mtimeUs' | 'executable' | 'version'> | undefined {
    const hash = base64(found.hash ?? new Uint8Array());
    const hasFacts = ({ mtimeUs, executable }: Expected) =>
      isHeldExactly
        ? mtimeUs === found.mtimeUs && executable === found.executable
        : isTimeHeld(mtimeUs, found.mtimeUs);
    const fitting = this.#at(found.path).filter((expected) => expected.hash === hash && hasFacts(expected));
    return fitting.find(
      ({ version }) => !fitting.some((other) => compareVersions(other.version, version) === 'newer'),
    );
  }

  /** The versions that an earlier process was about to put at `path`, some of them perhaps long before it ended. */
  leftAt(path: RelativePath): readonly VersionVector[] {
    return (this.#left.get(path) ?? []).map(({ version }) => version);
  }

  /**
   * Everything has been looked at: what an earlier process left has been found, or is not there, and must not be taken
   * for what a later one leaves. Throws what the database throws; then nothing has changed.
   */
  settle(): void {
    if (this.#left.size === 0) return;
    for (let place = 0; place < this.#places; place += 1) {
      this.#write(place, [...(this.#now[place]?.values() ?? [])].flat());
    }
    this.#left = new Map();
  }

  #write(place: number, files: readonly Expected[]): void {
    this.#memory.setMeta(keyOf(place), JSON.stringify(files));
  }

  #at(path: RelativePath): Expected[] {
    return [...this.#now, ...this.#before, this.#left].flatMap((files) => files?.get(path) ?? []);
  }
}

function keyOf(place: number): string {
  return place === 0 ? KEY : `${KEY}-${place}`;
}

function byPath(files: readonly Expected[]): ReadonlyMap<string, readonly Expected[]> {
  const found = new Map<string, Expected[]>();
  for (const file of files) found.set(file.path, [...(found.get(file.path) ?? []), file]);
  return found;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function read(json: unknown): readonly Expected[] {
  if (typeof json !== 'string') return [];
  try {
    return shape.safeParse(JSON.parse(json)).data ?? [];
  } catch {
    return [];
  }
}
