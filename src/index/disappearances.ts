import type { FileStat, FileSystem } from '../core/file-system.ts';
import type { Logger } from '../core/logger.ts';
import { parentPath, type RelativePath } from '../model/relative-path.ts';
import type { ChangeWriter } from './change-writer.ts';
import type { ContentQueue } from './content-queue.ts';
import type { LocalFacts } from './entry-store.ts';
import type { Examiner } from './examiner.ts';
import { absolutePath } from './found-item.ts';
import type { IgnoreRules } from './ignore-rules.ts';
import type { FolderDisk } from './folder-disk.ts';
import { FolderNames } from './folder-names.ts';
import { nativeOf } from './known-file.ts';
import type { LocalRecorder } from './local-recorder.ts';
import { statIfThere } from './stat-if-there.ts';

export interface DisappearanceParts {
  readonly root: string;
  readonly files: FileSystem;
  readonly logger: Logger;
  readonly rules: IgnoreRules;
  readonly writer: ChangeWriter;
  readonly recorder: LocalRecorder;
  readonly content: ContentQueue;
  readonly examiner: Examiner;
  readonly disk: Pick<FolderDisk, 'isOtherFolder'>;
  /** Rejects unless the shared folder is there and is ours. */
  readonly verifyFolder: () => Promise<void>;
  /** Whether somebody else sees to this path now; it is looked at when he has let go of it. */
  readonly isHeld: (path: RelativePath) => boolean;
  /** Told before it is recorded, while it is known how the disk spells it. */
  readonly onRemoving: (facts: LocalFacts) => void;
  /** Has a path looked at soon. */
  readonly suspect: (path: RelativePath) => void;
}

/** How far the way to a path leads through directories. */
interface Way {
  /** The last one that is there, below the shared folder; empty for that itself. */
  readonly nearest: string;
  readonly stat: FileStat | undefined;
  /** All of them are there. */
  readonly whole: boolean;
}

/** What is there no more, and how far the way to it leads. */
interface Gone {
  readonly facts: LocalFacts;
  readonly way: Way;
}

const AT_TOP: Way = { nearest: '', stat: undefined, whole: true };

/**
 * Decides of paths that seem to have gone whether they were deleted. They were only if the shared folder is still
 * there and is ours, and no disk was unmounted below it.
 */
export class Disappearances {
  readonly #parts: DisappearanceParts;
  /** Paths that wait for the end of the reading of the same file under a new name: the new name is announced first. */
  readonly #waiting = new Map<string, Set<RelativePath>>();
  readonly #unmounted = new Set<string>();

  constructor(parts: DisappearanceParts) {
    this.#parts = parts;
  }

  /**
   * What is held is left to whoever holds it, except for `own`, which is the caller's.
   * @throws FOLDER_MISSING, FOLDER_CHANGED; then nothing is taken for deleted.
   */
  async check(paths: readonly RelativePath[], own?: RelativePath): Promise<void> {
    const { writer, content, recorder, logger } = this.#parts;
    const isFree = (path: RelativePath) => path === own || !this.#parts.isHeld(path);
    const ways = new Map<string, Promise<Way>>();
    const gone: Gone[] = [];
    for (const path of paths) {
      if (!isFree(path)) continue;
      await this.#giveUpReading(path);
      const facts = writer.facts(path);
      if (!facts || facts.deleted) continue;
      const way = await this.#way(nativeOf(facts), ways).catch(() => undefined);
      // Without a right to look nothing is known, and nothing changes.
      if (way && !(await this.#isThere(facts, way, isFree))) gone.push({ facts, way });
    }
    if (gone.length === 0) return;
    await this.#parts.verifyFolder();
    const known = new Set(gone.map(({ facts }) => facts.path));
    const others: Gone[] = [];
    for (const one of gone) for (const other of await this.#alsoGone(one, known)) others.push(other);
    // Its disk may have gone while that was looked at.
    if (others.length > 0) await this.#parts.verifyFolder();
    /** Folders with something in them that waits for an inode. */
    const blocked = new Map<RelativePath, string>();
    const removed: LocalFacts[] = [];
    // What is in a folder goes before the folder.
    for (const { facts, way } of [...gone, ...others].reverse()) {
      const now = writer.facts(facts.path);
      if (!now || now.deleted || !isSameRecord(now, facts) || !isFree(facts.path)) continue;
      if (this.#isUnmounted(way)) {
        if (!this.#unmounted.has(way.nearest)) logger.warn('folder.unmounted', { path: way.nearest });
        this.#unmounted.add(way.nearest);
        continue;
      }
      content.discard(facts.path);
      const inode = facts.type === 'file' ? facts.disk?.inode : blocked.get(facts.path);
      if (inode !== undefined && content.isReading(inode)) {
        const waiting = this.#waiting.get(inode) ?? new Set();
        this.#waiting.set(inode, waiting.add(facts.path));
        const parent = parentPath(facts.path);
        if (parent !== undefined) blocked.set(parent, inode);
        continue;
      }
      this.#parts.onRemoving(facts);
      recorder.recordRemoval(facts.path);
      removed.push(facts);
    }
    for (const facts of removed) await this.#lookForNew(facts);
  }

  /** What was recorded in a folder that has gone after somebody has asked what there is in it. */
  async #alsoGone({ facts: folder, way }: Gone, known: Set<RelativePath>): Promise<Gone[]> {
    if (folder.type !== 'directory') return [];
    const { writer, content } = this.#parts;
    for (const item of content.wantedAt(folder.path)) content.discard(item.path);
    const others = [...writer.below(folder.path)].filter((below) => !known.has(below));
    for (const below of others) known.add(below);
    // As recorded before the disk is asked: what is recorded after that is there.
    const records = others.map((below) => writer.facts(below)!);
    if (records.length === 0 || (await this.#isNothingAt(folder)))
      return records.map((facts) => ({ facts, way }));
    // It has been made again meanwhile, and there may be files in it again.
    const gone: Gone[] = [];
    for (const facts of records) if (await this.#isNothingAt(facts)) gone.push({ facts, way });
    return gone;
  }

  /** False when the disk does not tell. */
  async #isNothingAt(facts: LocalFacts): Promise<boolean> {
    const native = nativeOf(facts);
    return this.look(native).then(
      (stat) => stat === undefined,
      () => false,
    );
  }

  /** Something may have come to a name before it was recorded that the name is free: that has been told of already. */
  async #lookForNew(facts: LocalFacts): Promise<void> {
    if (await this.look(nativeOf(facts)).catch(() => undefined)) this.#parts.suspect(facts.path);
  }

  /** What waited for the reading of `inode` to end. */
  released(inode: string): RelativePath[] {
    const paths = [...(this.#waiting.get(inode) ?? [])].reverse();
    this.#waiting.delete(inode);
    return paths;
  }

  /** What is at `native`, reached through directories only; undefined when nothing is. */
  async look(native: string): Promise<FileStat | undefined> {
    const way = await this.#way(native, new Map());
    return way.whole ? this.#lstat(native) : undefined;
  }

  /** What vanishes before it has been read for the first time is in no index. */
  async #giveUpReading(path: RelativePath): Promise<void> {
    const { content } = this.#parts;
    for (const item of content.wantedAt(path)) {
      const stat = await this.look(item.native).catch(() => item.stat);
      // Unless something else has come there meanwhile.
      if (!stat && content.wantedAt(item.path).includes(item)) content.discard(item.path);
    }
  }

  async #isThere(facts: LocalFacts, way: Way, isFree: (path: RelativePath) => boolean): Promise<boolean> {
    const { root, files, rules, recorder, examiner } = this.#parts;
    if (!way.whole) return false;
    const native = nativeOf(facts);
    let stat: FileStat | undefined;
    try {
      stat = await this.#lstat(native);
    } catch {
      return true;
    }
    if (!stat) return false;
    if (!isFree(facts.path)) return true;
    if (rules.ignores(facts.path, stat.type === 'directory')) recorder.recordWithdrawal(facts.path);
    else {
      // Listed anew each time: what has come since would else be taken for gone.
      const isListed = await new FolderNames(files).has(absolutePath(root, native));
      if (isListed && isFree(facts.path))
        await examiner.examine({ path: facts.path, native, stat }, 'arrived');
      return isListed !== false;
    }
    return true;
  }

  #isUnmounted({ nearest, stat }: Way): boolean {
    if (!stat) return false;
    const { disk, writer } = this.#parts;
    return disk.isOtherFolder(writer.facts(nearest.normalize('NFC') as RelativePath), stat);
  }

  #way(native: string, ways: Map<string, Promise<Way>>): Promise<Way> {
    const slash = native.lastIndexOf('/');
    if (slash < 0) return Promise.resolve(AT_TOP);
    const parent = native.slice(0, slash);
    const known = ways.get(parent);
    if (known) return known;
    const way = this.#wayInto(parent, ways);
    ways.set(parent, way);
    return way;
  }

  async #wayInto(folder: string, ways: Map<string, Promise<Way>>): Promise<Way> {
    const above = await this.#way(folder, ways);
    if (!above.whole) return above;
    const stat = await this.#lstat(folder);
    return stat?.type === 'directory' ? { nearest: folder, stat, whole: true } : { ...above, whole: false };
  }

  #lstat(native: string): Promise<FileStat | undefined> {
    return statIfThere(this.#parts.files, absolutePath(this.#parts.root, native));
  }
}

function isSameRecord(a: LocalFacts, b: LocalFacts): boolean {
  return a.disk?.inode === b.disk?.inode && a.disk?.ctimeUs === b.disk?.ctimeUs && a.size === b.size;
}
