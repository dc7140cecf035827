import type { Emitter } from '../core/emitter.ts';
import type { CompartidosError } from '../core/errors.ts';
import type { FileStat } from '../core/file-system.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { NameProblem } from '../model/portable-name.ts';
import type { RelativePath } from '../model/relative-path.ts';

export type LocalIndexEvents = {
  /** Committed changes, tombstones and hashing progress included, in ascending order of sequence. */
  changed: [entries: readonly FileEntry[]];
  /** The first scan since the start is complete. */
  ready: [];
  /** What lay at `path` and could not be shared lies there no more, or can be shared now. */
  freed: [path: RelativePath];
  /** Other names are ignored than before; a scan has been where they are. */
  ignoring: [];
  /** What keeps the index from being complete has changed: all that does so now (FOLDER_MISSING, FOLDER_CHANGED…). */
  problem: [problems: readonly CompartidosError[]];
};

/** Why a name cannot be had here. */
export type NameRefusal = NameProblem | 'twin' | 'ignored';

/**
 * What this device has: the index of the shared folder. The scanner and the watcher write it from what they find;
 * transfer/ writes what it has put in place itself, so that the watcher then finds nothing new.
 */
export interface LocalIndex {
  readonly events: Emitter<LocalIndexEvents>;
  /** 16 hex digits; made anew with the database. */
  readonly indexId: string;
  /** The highest sequence given, or passed over. */
  readonly sequence: number;
  /** Whether somebody can have been told of all changes up to `sequence`, and of none that are not known any more. */
  hasReached(sequence: number): boolean;
  /** Tombstones included. */
  get(path: RelativePath): FileEntry | undefined;
  /** At most `limit` entries, tombstones included, by ascending sequence. */
  after(sequence: number, limit: number): FileEntry[];
  /** Live files whose content is `hash`, and that are not corrupt. */
  withHash(hash: Uint8Array): FileEntry[];
  /** Where a block of this hash lies in a local file, if one does. */
  findBlock(
    hash: Uint8Array,
  ): { readonly path: RelativePath; readonly offset: number; readonly length: number } | undefined;
  /**
   * Leaves `paths` to the caller, who is about to put something there or to remove it, once whoever holds one of them
   * has let go of it: until the function that it resolves with is called, nobody else gets them, and nothing that
   * happens to them is taken for a local change. Then they are looked at, and what was not recorded or refreshed
   * meanwhile is. Whoever holds paths must not ask for others.
   */
  hold(paths: readonly RelativePath[]): Promise<() => void>;
  /**
   * To be told before these are put in place; durable when it returns. Where a crash or an error of the disk keeps them
   * from being recorded, they are found with this version all the same, and not taken for somebody's edit. Folders need
   * not be held or recorded, and are not remembered over a crash.
   * @returns what to call when they are recorded, or will not be put in place.
   */
  expect(entries: readonly Omit<FileEntry, 'sequence'>[]): () => void;
  /**
   * Records what transfer/ has just put in place or removed, with the version it has there. The facts of the file on
   * disk are taken at once, so that no scan takes it for a local change. Returns the entries with their sequences.
   */
  record(entries: readonly Omit<FileEntry, 'sequence'>[]): Promise<FileEntry[]>;
  /**
   * To be told by whoever holds `path` when what was there could be put neither back nor anywhere else to stay: from then
   * on it is not shared, and nobody has deleted it.
   */
  withdraw(path: RelativePath): void;
  /**
   * What was deleted here at these paths is deleted for nobody any more, as if it had never been here. Throws what the
   * database throws; then it is done later.
   */
  disown(paths: readonly RelativePath[]): void;
  /** Announces these once more, as they are. Throws what the database throws; then it is done later. */
  announceAgain(paths: readonly RelativePath[]): void;
  /**
   * Looks at `path` on the disk now and brings the index up to date with it, hashing if need be; returns the entry.
   * To be asked before a local file is replaced or deleted: nobody's unseen edit may be lost.
   */
  refresh(path: RelativePath): Promise<FileEntry | undefined>;
  /** Whether `path` was found to hold something else than its entry says although nobody wrote it. */
  isCorrupt(path: RelativePath): boolean;
  /**
   * Whether the disk may hold something else at `path` than its entry says, of the same size and time: it is held, it
   * is corrupt, or it changed shortly before a crash and has not been read since.
   */
  isDoubted(path: RelativePath): boolean;
  /** Has `path` looked at soon: it is not what its entry says. */
  suspect(path: RelativePath): void;
  /**
   * Reads block `number` of the file at `path` again. Where it is wrong although nobody wrote the file, it is corrupt from
   * then on.
   */
  recheck(path: RelativePath, number: number): Promise<void>;
  /**
   * Looks whether the shared folder is there and is ours: of a disk that was unmounted while it was in use nobody tells.
   * Rejects with FOLDER_MISSING or FOLDER_CHANGED, and `problem` tells of it.
   */
  verifyFolder(): Promise<void>;
  /** Whether the folder at `path`, which looks like `stat` now, is another one than it was: a disk was mounted or unmounted. */
  isOtherDisk(path: RelativePath, stat: FileStat): boolean;
  /** Whether the patterns here say that `path` is neither shared nor fetched. */
  ignores(path: RelativePath, isFolder?: boolean): boolean;
  /**
   * Why nothing can be put at `path`, or undefined: it is ignored, or the disk cannot hold it beside what is there. A promise
   * only where the disk has to be asked.
   */
  refusal(path: RelativePath): NameRefusal | undefined | Promise<NameRefusal | undefined>;
  /** The native, absolute path of `path`: on disk the name may be in another normal form. */
  locate(path: RelativePath): string;
}
