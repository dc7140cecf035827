import type { RelativePath } from '../model/relative-path.ts';
import { compareBytes } from '../model/path-order.ts';
import type { ContentQueue } from './content-queue.ts';
import type { Disappearances } from './disappearances.ts';
import type { EntryStore, LocalFacts } from './entry-store.ts';
import type { Examiner } from './examiner.ts';
import type { FolderPlace, FoundItem } from './found-item.ts';
import { walkFolder, type WalkParts } from './folder-walk.ts';
import type { FolderDisk } from './folder-disk.ts';
import { isShownAnew, isUnchanged } from './known-file.ts';
import type { LocalRecorder } from './local-recorder.ts';

export interface ScanParts {
  readonly walk: Omit<WalkParts, 'onUnreadable'>;
  readonly store: EntryStore;
  readonly content: ContentQueue;
  readonly examiner: Examiner;
  readonly recorder: LocalRecorder;
  readonly disappearances: Disappearances;
  readonly disk: FolderDisk;
  /** Whether to look at what is found at `path`; somebody else does otherwise. */
  readonly mayExamine: (item: FoundItem) => boolean;
  /** A folder is there that is not the one that was indexed; called before the scan goes into it. */
  readonly onNewFolder: (item: FoundItem) => void;
}

/** Missing paths that are checked together. */
const MAX_MISSING = 10_000;

/**
 * Compares everything below a folder with the index: both are read side by side, in the same order, so that a million
 * files need no memory of their own. What is unchanged costs one look each.
 */
export class FolderScan {
  readonly #parts: ScanParts;
  readonly #signal: AbortSignal;
  /** Beginnings of paths of which nothing is known, since their folder cannot be listed. */
  readonly #unreadable: string[] = [];
  /** Folders that are on another disk than they were, with all that was in them: that disk is accepted. */
  #otherDisks: FoundItem[] = [];
  #missing: RelativePath[] = [];
  #looks = 0;

  constructor(parts: ScanParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /**
   * @returns how many items were looked at.
   * @throws FOLDER_MISSING, FOLDER_CHANGED
   */
  async run(start: FolderPlace): Promise<number> {
    const { walk, store, content, examiner, recorder, disk } = this.#parts;
    // What is still being read is not in the index yet, and may have gone before anybody was told.
    for (const { path } of content.wantedAt(start.path)) this.#missing.push(path);
    const known = store.allFacts(start.path)[Symbol.iterator]();
    let next = known.next();
    const onUnreadable: WalkParts['onUnreadable'] = ({ path, native }) => {
      this.#unreadable.push(path === undefined ? '' : `${path}/`);
      walk.onSkipped(native === '' ? '.' : native, 'unreadable');
    };
    for await (const items of walkFolder({ ...walk, onUnreadable }, start)) {
      if (this.#signal.aborted) return this.#looks;
      this.#looks += items.length;
      for (const item of items) {
        while (!next.done && compareBytes(next.value.path, item.path) < 0) {
          this.#miss(next.value);
          next = known.next();
        }
        const isSame = !next.done && next.value.path === item.path;
        const facts = isSame && !next.done ? next.value : undefined;
        if (isSame) next = known.next();
        if (disk.isOtherFolder(facts, item.stat)) this.#otherDisks.push(item);
        if (isUnchanged(facts, item, disk)) {
          const isRenumbered = item.stat.type === 'directory' && facts?.disk?.volume !== item.stat.volume;
          if (isRenumbered) recorder.recordUnchanged(item);
          continue;
        }
        if (item.stat.type === 'directory') this.#parts.onNewFolder(item);
        if (!this.#parts.mayExamine(item)) continue;
        if (!disk.hasExecutableBit && isShownAnew(facts, item)) recorder.recordUnchanged(item);
        else await examiner.examine(item, 'scan');
      }
      if (this.#missing.length >= MAX_MISSING) await this.#checkMissing();
      await content.room(this.#signal);
    }
    for (; !next.done; next = known.next()) this.#miss(next.value);
    if (this.#signal.aborted) return this.#looks;
    await this.#checkMissing();
    this.#acceptDisks();
    return this.#looks;
  }

  #miss({ path, deleted }: LocalFacts): void {
    if (deleted || this.#unreadable.some((beginning) => path.startsWith(beginning))) return;
    this.#missing.push(path);
    if (this.#otherDisks.length > 0) {
      this.#otherDisks = this.#otherDisks.filter((disk) => !path.startsWith(`${disk.path}/`));
    }
  }

  async #checkMissing(): Promise<void> {
    const missing = this.#missing;
    this.#missing = [];
    await this.#parts.disappearances.check(missing);
  }

  #acceptDisks(): void {
    for (const item of this.#otherDisks) this.#parts.recorder.recordNode(item);
  }
}
