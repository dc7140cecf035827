import type { Clock } from '../core/clock.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileStat } from '../core/file-system.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions, incrementVersion, lastChange, mergeVersions } from '../model/version-vector.ts';
import type { ChangeWriter } from './change-writer.ts';
import type { CorruptFiles } from './corrupt-files.ts';
import type { ExpectedFiles } from './expected-files.ts';
import type { HashOutcome, HashProgress } from './file-hasher.ts';
import type { FolderDisk } from './folder-disk.ts';
import { diskFacts, type FoundItem } from './found-item.ts';
import { isTimeHeld } from './held-time.ts';
import { isShownAsBefore } from './known-file.ts';

type NewEntry = Omit<FileEntry, 'sequence'>;

const NO_BYTES = new Uint8Array();

/** Turns what was found on the disk into changes by this device, with their versions. */
export class LocalRecorder {
  readonly #writer: ChangeWriter;
  readonly #self: DeviceId;
  readonly #clock: Clock;
  readonly #corrupt: Pick<CorruptFiles, 'has'>;
  readonly #expected: Pick<ExpectedFiles, 'mayBe' | 'find' | 'leftAt' | 'takeFolder'>;
  readonly #disk: Pick<FolderDisk, 'hasExecutableBit'>;
  /** Versions given to files that are announced while they are read, by path. */
  readonly #announced = new Map<RelativePath, FileEntry['version']>();

  constructor(
    writer: ChangeWriter,
    self: DeviceId,
    clock: Clock,
    expected: Pick<ExpectedFiles, 'mayBe' | 'find' | 'leftAt' | 'takeFolder'>,
    corrupt: Pick<CorruptFiles, 'has'>,
    disk: Pick<FolderDisk, 'hasExecutableBit'>,
  ) {
    this.#expected = expected;
    this.#corrupt = corrupt;
    this.#disk = disk;
    this.#writer = writer;
    this.#self = self;
    this.#clock = clock;
  }

  /** What is indexed, with other facts of it. */
  recordUnchanged(item: FoundItem): void {
    this.#writer.setDisk(item.path, diskFacts(item));
  }

  /** A folder or a symbolic link that is there. */
  recordNode(item: FoundItem, target = ''): void {
    const { path, stat } = item;
    const before = this.#writer.current(path);
    const type = stat.type === 'symlink' ? 'symlink' : 'directory';
    if (before && !before.deleted && before.type === type && before.target === target) {
      this.recordUnchanged(item);
      return;
    }
    // The time of a folder changes with everything in it, and says nothing.
    const mtimeUs = type === 'symlink' ? stat.mtimeUs : 0;
    const version = this.#versionOfNode(type, path, before);
    const content = { size: 0, mtimeUs, executable: false, target, blocks: NO_BYTES, hash: undefined };
    this.#write(item, version, { type, ...content });
  }

  /** A file that is still being read is announced, unless it may turn out to be what it was. */
  recordProgress(item: FoundItem, { stat, blocks }: HashProgress): void {
    const before = this.#writer.current(item.path);
    const announced = this.#announced.get(item.path);
    if (!announced && before && isLiveFile(before) && startsWith(before.blocks, blocks)) return;
    if (!announced && this.#expected.mayBe(item.path, stat.size)) return;
    if (this.#isRotten(item.path, stat)) return;
    const version = this.#versionOf(before, announced, { stat, blocks });
    this.#announced.set(item.path, version);
    const { size, mtimeUs } = stat;
    this.#write({ ...item, stat }, version, {
      type: 'file',
      size,
      mtimeUs,
      executable: this.#executable(item, before),
      target: '',
      blocks,
      hash: undefined,
    });
  }

  /** A file that was read from beginning to end. */
  recordContent(item: FoundItem, outcome: HashOutcome & { type: 'hashed' }): void {
    const { path } = item;
    const { stat } = outcome;
    const found = { ...item, stat };
    const before = this.#writer.current(path);
    const executable = this.#executable(found, before);
    const announced = this.#announced.get(path);
    this.#announced.delete(path);
    const isRotten = !hasHash(before, outcome.hash) && this.#isRotten(path, stat);
    if (!isRotten) this.#writer.setMended(path);
    // It was copied or given another mode: what it holds is no edit, and must not go to others.
    const { blocks, hash } = isRotten && before?.hash ? { ...before, hash: before.hash } : outcome;
    if (before && hasHash(before, hash)) {
      // What an entry says of the time is kept where the disk could not hold it exactly.
      const disk = this.#writer.facts(path)?.disk;
      const given = disk?.mtimeUs ?? before.mtimeUs;
      const isExact = disk !== undefined && this.#disk.hasExecutableBit;
      const sameTime = isExact ? given === stat.mtimeUs : isTimeHeld(given, stat.mtimeUs);
      if (sameTime && before.executable === executable) {
        this.recordUnchanged(found);
        return;
      }
    }
    const { size } = stat;
    const shown = { path, mtimeUs: stat.mtimeUs, executable, hash };
    const expected = this.#expected.find(shown, this.#disk.hasExecutableBit);
    const known = expected && withExpected(expected.version, before);
    const version = known ?? this.#versionOf(before, announced, { stat, blocks });
    const { mtimeUs, executable: isExecutable } = expected && known ? expected : shown;
    const facts = { size, mtimeUs, executable: isExecutable, target: '', blocks, hash };
    this.#write(found, version, { type: 'file', ...facts });
  }

  /** It was there and has gone. */
  recordRemoval(path: RelativePath): void {
    this.#announced.delete(path);
    const before = this.#writer.current(path);
    if (!before || before.deleted) return;
    const left = this.#expected.leftAt(path);
    // A crash while it was replaced: nobody has deleted it.
    const isOurDoing = left.some((version) => isNews(version, before.version));
    this.#writer.put({ entry: tombstone(before, isOurDoing ? [] : this.#next(before)), disk: undefined });
  }

  /**
   * It is there, but is not shared any more. Its tombstone has an empty version: it is newer than nothing, so that
   * nobody who has the file deletes it because it is ignored here.
   */
  recordWithdrawal(path: RelativePath): void {
    this.#announced.delete(path);
    const before = this.#writer.current(path);
    if (!before || before.deleted) return;
    this.#writer.put({ entry: tombstone(before, []), disk: undefined });
  }

  /** It was deleted, and that is to count for nobody any more. */
  recordDisowned(path: RelativePath): void {
    const before = this.#writer.current(path);
    if (!before?.deleted || before.version.length === 0) return;
    this.#writer.put({ entry: tombstone(before, []), disk: undefined });
  }

  /** Nothing has changed, and others are to hear of it as of a change. */
  recordAgain(path: RelativePath): void {
    const entry = this.#writer.current(path);
    if (entry) this.#writer.put({ entry, disk: this.#writer.facts(path)?.disk });
  }

  /** A folder that we made ourselves has the version that it has where what is in it comes from. */
  #versionOfNode(
    type: FileEntry['type'],
    path: RelativePath,
    before: NewEntry | undefined,
  ): FileEntry['version'] {
    const expected = type === 'directory' ? this.#expected.takeFolder(path) : undefined;
    const known = before?.version ?? [];
    return expected && isNews(expected, known) ? mergeVersions(known, expected) : this.#next(before);
  }

  #write(
    item: FoundItem,
    version: FileEntry['version'],
    facts: Omit<NewEntry, 'path' | 'deleted' | 'version'>,
  ): void {
    const entry = { path: item.path, deleted: false, version, ...facts };
    this.#writer.put({ entry, disk: diskFacts(item) });
  }

  /**
   * One version for all that is announced of one content: a file that changed while it was read is read again. What an
   * earlier process has not read to its end is the same, too, unless somebody has changed it since.
   */
  #versionOf(
    before: NewEntry | undefined,
    announced: FileEntry['version'] | undefined,
    { stat, blocks }: HashProgress,
  ): FileEntry['version'] {
    if (!before || !isLiveFile(before) || !startsWith(blocks, before.blocks)) return this.#next(before);
    const isSame = announced
      ? before.size === stat.size &&
        before.mtimeUs === stat.mtimeUs &&
        compareVersions(before.version, announced) === 'equal'
      : !before.hash && isShownAsBefore(this.#writer.facts(before.path), stat, this.#disk);
    return isSame ? before.version : this.#next(before);
  }

  #next(before: NewEntry | undefined): FileEntry['version'] {
    return incrementVersion(before?.version ?? [], this.#self, this.#clock.now());
  }

  /** Whether it was found to be corrupt and nobody has written it since. */
  #isRotten(path: RelativePath, { size, mtimeUs }: FileStat): boolean {
    if (!this.#corrupt.has(path)) return false;
    const facts = this.#writer.facts(path);
    return facts?.disk?.mtimeUs === mtimeUs && facts.size === size;
  }

  #executable({ stat }: FoundItem, before: NewEntry | undefined): boolean {
    return this.#disk.hasExecutableBit ? stat.executable : (before?.executable ?? false);
  }
}

function tombstone(entry: NewEntry, version: FileEntry['version']): NewEntry {
  return { ...entry, deleted: true, size: 0, target: '', version, blocks: NO_BYTES, hash: undefined };
}

function isLiveFile(entry: NewEntry): boolean {
  return entry.type === 'file' && !entry.deleted;
}

function hasHash(entry: NewEntry | undefined, hash: Uint8Array): boolean {
  return entry?.hash !== undefined && isLiveFile(entry) && Buffer.compare(entry.hash, hash) === 0;
}

function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, beginning.length), beginning) === 0;
}

/**
 * The version of a file that we put here ourselves and could not record. It has seen what we had, unless that was
 * changed last: then it was put here before that, and has come back with a power failure.
 */
function withExpected(
  expected: FileEntry['version'],
  before: NewEntry | undefined,
): FileEntry['version'] | undefined {
  if (!before) return expected;
  if (!isNews(expected, before.version)) return undefined;
  const merged = mergeVersions(before.version, expected);
  const last = lastChange(merged);
  const isLast = expected.some(({ device, value }) => device === last?.device && value === last.value);
  return isLast ? merged : expected;
}

/** Whether `version` has changes that `known` has not. */
function isNews(version: FileEntry['version'], known: FileEntry['version']): boolean {
  return compareVersions(mergeVersions(known, version), known) === 'newer';
}
