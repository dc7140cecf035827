import type { Clock } from '../core/clock.ts';
import type { FileStat, FileSystem } from '../core/file-system.ts';
import { linkProblem } from '../model/link-target.ts';
import { MAX_FILE_BYTES } from '../wire/limits.ts';
import type { ChangeWriter } from './change-writer.ts';
import type { ContentQueue } from './content-queue.ts';
import type { LocalFacts } from './entry-store.ts';
import { absolutePath, type FoundItem, type SkipReason } from './found-item.ts';
import type { FolderDisk } from './folder-disk.ts';
import { isUnchanged, nativeOf } from './known-file.ts';
import type { LocalRecorder } from './local-recorder.ts';
import type { SkippedFiles } from './skipped-files.ts';
import { statIfThere } from './stat-if-there.ts';
import { QUIET_TIME, type WriteGuard } from './write-guard.ts';

/**
 * Why something is looked at: a scan met it, it `arrived` (see WriteGuard), it has been quiet for a while after a
 * write, or somebody wants to know now.
 */
export type Occasion = 'scan' | 'arrived' | 'quiet' | 'now';

export interface ExaminerParts {
  readonly root: string;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly writer: ChangeWriter;
  readonly recorder: LocalRecorder;
  readonly content: ContentQueue;
  readonly guard: WriteGuard;
  readonly skipped: SkippedFiles;
  readonly disk: Pick<FolderDisk, 'isOtherFolder' | 'hasExecutableBit'>;
}

/**
 * µs. Writes closer together than the two seconds that FAT counts by may leave a file with the times that it had; the look
 * comes QUIET_TIME after the last of them, and later on a busy machine.
 */
const MAY_HIDE_WRITE = 2_000_000 + QUIET_TIME * 1000 + 1_000_000;
/** Elsewhere one event may stand for a file's being made and for what is written to it. */
const TELLS_WRITES_APART = process.platform === 'linux';

/** Compares what is on the disk with what is indexed, and sees to the difference. */
export class Examiner {
  readonly #parts: ExaminerParts;

  constructor(parts: ExaminerParts) {
    this.#parts = parts;
  }

  async examine(item: FoundItem, occasion: Occasion): Promise<void> {
    const { writer, recorder, skipped } = this.#parts;
    const { path, native, stat } = item;
    const facts = writer.facts(path);
    if (await this.#isTwin(item, facts)) {
      skipped.add(native, 'twin');
      return;
    }
    if (isUnchanged(facts, item, this.#parts.disk) && !(occasion === 'quiet' && this.#mayHideWrite(stat))) {
      skipped.remove(native);
      return;
    }
    switch (stat.type) {
      case 'file':
        if (stat.size > MAX_FILE_BYTES) this.#skip(item, 'file-too-large');
        else this.#examineFile(item, occasion);
        break;
      case 'directory':
        skipped.remove(native);
        // The facts of the former disk stay, so that what was on it is not taken for deleted.
        if (!this.#parts.disk.isOtherFolder(facts, stat)) recorder.recordNode(item);
        break;
      case 'symlink':
        await this.#examineLink(item);
        break;
      case 'other':
        this.#skip(item, 'special');
        break;
    }
  }

  #examineFile(item: FoundItem, occasion: Occasion): void {
    const { content, guard, root } = this.#parts;
    this.#parts.skipped.remove(item.native);
    if (this.#mayBeGrowing(item.stat, occasion)) guard.written(absolutePath(root, item.native));
    else content.add(item);
  }

  async #examineLink(item: FoundItem): Promise<void> {
    const { files, root, recorder, skipped } = this.#parts;
    const path = absolutePath(root, item.native);
    const target = await files.readLink(path).catch(() => undefined);
    // What has taken its place meanwhile is looked at by itself, and may be indexed already.
    const now = await statIfThere(files, path).catch(() => item.stat);
    if (now?.inode !== item.stat.inode) return;
    const problem = target === undefined ? 'unreadable' : linkProblem(item.path, target);
    if (problem) {
      this.#skip(item, problem);
      return;
    }
    skipped.remove(item.native);
    recorder.recordNode(item, target);
  }

  #skip({ path, native }: FoundItem, reason: SkipReason): void {
    this.#parts.skipped.add(native, reason);
    this.#parts.content.discard(path);
    this.#parts.recorder.recordWithdrawal(path);
  }

  /** Another name on the disk, the same in NFC, is the one that is indexed. */
  async #isTwin({ native, stat }: FoundItem, facts: LocalFacts | undefined): Promise<boolean> {
    if (!facts?.disk || facts.deleted || nativeOf(facts) === native) return false;
    try {
      const other = await this.#parts.files.lstat(absolutePath(this.#parts.root, nativeOf(facts)));
      return other.inode !== stat.inode;
    } catch {
      return false;
    }
  }

  /**
   * Whether somebody may be writing to a file just now. One that was written in its place has its last write as its
   * last change; one that was moved there, or given its times, was changed later.
   */
  #mayBeGrowing({ size, mtimeUs, ctimeUs }: FileStat, occasion: Occasion): boolean {
    if (occasion === 'quiet' || occasion === 'now' || ctimeUs > mtimeUs) return false;
    const isFresh = Math.abs(this.#parts.clock.now() * 1000 - ctimeUs) < QUIET_TIME * 1000;
    return isFresh && !(occasion === 'arrived' && size > 0 && TELLS_WRITES_APART);
  }

  #mayHideWrite({ type, ctimeUs }: FileStat): boolean {
    return type === 'file' && this.#parts.clock.now() * 1000 - ctimeUs < MAY_HIDE_WRITE;
  }
}
