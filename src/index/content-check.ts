import { join } from 'node:path';
import { blake3 } from '../core/blake3.ts';
import type { Clock } from '../core/clock.ts';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import type { FileStat, FileSystem, OpenFile } from '../core/file-system.ts';
import type { Logger } from '../core/logger.ts';
import { blockCount, blockRange, blockSizeFor } from '../model/block-layout.ts';
import { blockHash, type FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { ChangeWriter } from './change-writer.ts';
import type { EntryStore, LocalFacts } from './entry-store.ts';
import type { FileHasher } from './file-hasher.ts';
import { isKnown } from './known-file.ts';

export interface CheckParts {
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly files: FileSystem;
  readonly store: EntryStore;
  readonly hasher: FileHasher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly writer: Pick<ChangeWriter, 'current' | 'facts'>;
  /** How the disk spells a path, below the shared folder. */
  readonly nativeOf: (path: RelativePath) => string;
  readonly isHeld: (path: RelativePath) => boolean;
  /** Throws while the shared folder is not there or another one. */
  readonly assertFolder: () => void;
}

export interface CheckResult {
  /** That were read. */
  readonly files: number;
  readonly bytes: number;
  /** That hold something else than they should, or that the disk cannot read. */
  readonly corrupt: readonly RelativePath[];
}

/** What was read of a file. */
export interface CheckedPart {
  readonly bytes: number;
  /** The block to go on with; undefined when there is nothing more to read of it. */
  readonly next: number | undefined;
}

/**
 * ms. What is written through a memory map gets its time when the first byte of a page is written, and the next one not
 * before the system has written the page out, which it does within half a minute.
 */
const FRESH_TIME = 60_000;

type Entry = Omit<FileEntry, 'sequence'>;

/** Compares files with their hashes, to find what changed although sizes and times say that it did not. */
export class ContentCheck {
  readonly #parts: CheckParts;

  constructor(parts: CheckParts) {
    this.#parts = parts;
  }

  /**
   * Reads every file again.
   * @throws FOLDER_MISSING, FOLDER_CHANGED, ABORTED when the hasher stops
   */
  async all(): Promise<CheckResult> {
    const corrupt: RelativePath[] = [];
    let files = 0;
    let bytes = 0;
    for (const facts of this.#parts.store.allFacts()) {
      if (!isCheckable(facts)) continue;
      this.#parts.assertFolder();
      const finding = await this.#whole(facts);
      if (finding === 'unread') continue;
      files += 1;
      bytes += facts.size;
      if (finding === 'corrupt') corrupt.push(facts.path);
    }
    return { files, bytes, corrupt };
  }

  /**
   * Reads blocks of a file from block `first` on until there are `budget` bytes, at least one, or until one is not what
   * it should be. Once `signal` is aborted nothing more is read or remembered.
   */
  async part(facts: LocalFacts, first: number, budget: number, signal?: AbortSignal): Promise<CheckedPart> {
    const { files, store, writer, folder, nativeOf } = this.#parts;
    const entry = writer.current(facts.path);
    let bytes = 0;
    let next = first;
    if (!entry?.hash) return { bytes, next: undefined };
    const count = blockCount(entry.size);
    let file: OpenFile | undefined;
    try {
      file = await files.open(join(folder, nativeOf(facts.path)), 'read');
      const buffer = new Uint8Array(Math.min(entry.size, blockSizeFor(entry.size)));
      while (next < count && (bytes === 0 || bytes < budget)) {
        const { offset, length } = blockRange(entry.size, next);
        const block = buffer.subarray(0, length);
        const read = await file.read(block, offset);
        if (signal?.aborted) return { bytes, next };
        bytes += length;
        if (read < length || Buffer.compare(blake3(block), blockHash(entry, next)!) !== 0) {
          const stat = await file.stat();
          if (!signal?.aborted) this.#suspect(entry, stat);
          return { bytes, next: undefined };
        }
        next += 1;
      }
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      this.#unreadable(facts.path, code);
      return { bytes, next: undefined };
    } finally {
      await file?.close();
    }
    if (next < count) return { bytes, next };
    if (first === 0 && store.corrupt.has(facts.path)) store.corrupt.delete(facts.path);
    return { bytes, next: undefined };
  }

  /** Reads a file from beginning to end. */
  async #whole({ path, size }: LocalFacts): Promise<'right' | 'corrupt' | 'unread'> {
    const { store, writer, hasher, folder, nativeOf } = this.#parts;
    const entry = writer.current(path);
    const outcome = await hasher.hash(join(folder, nativeOf(path)), size);
    if (outcome.type === 'failed') {
      if (outcome.code === 'ABORTED') throw new CompartidosError('ABORTED');
      return this.#unreadable(path, outcome.code) ? 'corrupt' : 'unread';
    }
    if (!entry?.hash || outcome.type !== 'hashed') return 'unread';
    if (Buffer.compare(entry.hash, outcome.hash) !== 0) return this.#suspect(entry, outcome.stat);
    if (!this.#isAsIndexed(entry, outcome.stat)) return 'unread';
    store.corrupt.delete(path);
    return 'right';
  }

  /** Remembers that a file is not what `entry` says, if that is nobody's doing. */
  #suspect(entry: Entry, stat: FileStat): 'corrupt' | 'unread' {
    const { store, clock, logger } = this.#parts;
    const { path, hash } = entry;
    const isFresh = Math.abs(clock.now() - stat.ctimeUs / 1000) < FRESH_TIME;
    if (isFresh || !this.#isAsIndexed(entry, stat)) return 'unread';
    if (!store.corrupt.has(path)) logger.error('file.corrupt', { path });
    store.corrupt.add(path, hash!);
    return 'corrupt';
  }

  /** A bad place on the disk says so itself; so does a disk that was unplugged, so this is not remembered. */
  #unreadable(path: RelativePath, code: string): boolean {
    if (code !== 'EIO') return false;
    this.#parts.logger.error('file.unreadable', { path, reason: code });
    return true;
  }

  /** Whether what was read is the file of `entry`, which nobody has touched and nobody is about to. */
  #isAsIndexed({ path, hash }: Entry, stat: FileStat): boolean {
    const { writer, nativeOf, isHeld } = this.#parts;
    const now = writer.current(path)?.hash;
    if (isHeld(path) || !now || !hash || Buffer.compare(now, hash) !== 0) return false;
    return isKnown(writer.facts(path), { path, native: nativeOf(path), stat });
  }
}

/** Whether there is a content that a file can be compared with. */
export function isCheckable({ type, deleted, hashed }: LocalFacts): boolean {
  return type === 'file' && !deleted && hashed;
}
