import { basename } from 'node:path';
import { isNothingThere } from '../core/file-system.ts';
import type { FileStat, FileSystem } from '../core/file-system.ts';
import { IGNORE_FILE, pathProblem, type RelativePath } from '../model/relative-path.ts';
import type { ChangeWriter } from './change-writer.ts';
import type { Examiner, Occasion } from './examiner.ts';
import { absolutePath, childOf, pathIn, type FolderPlace, type FoundItem } from './found-item.ts';
import type { FolderNames } from './folder-names.ts';
import type { IgnoreRules } from './ignore-rules.ts';
import type { LocalRecorder } from './local-recorder.ts';
import type { SkippedFiles } from './skipped-files.ts';
import type { WatchedFolders } from './watched-folders.ts';

export interface PathLookParts {
  readonly root: string;
  readonly files: FileSystem;
  readonly rules: IgnoreRules;
  readonly skipped: SkippedFiles;
  readonly watched: WatchedFolders;
  readonly writer: ChangeWriter;
  readonly recorder: LocalRecorder;
  readonly examiner: Examiner;
  readonly mayRecord: (item: FoundItem) => boolean;
  readonly scan: (place: FolderPlace) => Promise<unknown>;
  /** Whether the disk takes names for the same that differ in case only. */
  readonly isCaseBlind: () => boolean | Promise<boolean>;
}

/** What looks leave to be done, and what they share. */
export interface Findings {
  readonly missing: RelativePath[];
  readonly scans: Promise<unknown>[];
  readonly names: FolderNames;
}

/** Looks at a path that something has happened to. */
export class PathLook {
  readonly #parts: PathLookParts;

  constructor(parts: PathLookParts) {
    this.#parts = parts;
  }

  /**
   * Has recorded what is at `absolute` now, and adds to `found` what is gone, and the scans of what is to be read as a
   * whole: they are under way.
   */
  async lookAt(absolute: string, occasion: Occasion, found: Findings): Promise<void> {
    const { root, watched, skipped, scan } = this.#parts;
    const place = watched.folderOf(absolute);
    if (!place) {
      // A folder that is not watched is not there any more, and nothing is in it.
      const lost = absolute.slice(root.length + 1).normalize('NFC');
      if (pathProblem(lost) === undefined) this.#missTree(lost as RelativePath, found);
      return;
    }
    const name = basename(absolute);
    if (name === IGNORE_FILE) {
      found.scans.push(scan(place));
      return;
    }
    const native = childOf(place, name);
    const path = pathIn(place, name);
    const problem = pathProblem(path);
    const stat = await this.#stat(native);
    if (problem) {
      if (stat === 'missing') skipped.remove(native);
      else skipped.add(native, problem);
    } else if (stat === 'missing' || (stat && !(await this.#isSpelt(absolute, path, found)))) {
      skipped.remove(native);
      this.#missTree(path, found);
    } else if (stat) await this.#lookAtItem({ path, native, stat }, occasion, found);
  }

  async #lookAtItem(item: FoundItem, occasion: Occasion, found: Findings): Promise<void> {
    const { rules, watched, writer, recorder, examiner, mayRecord, scan } = this.#parts;
    if (!mayRecord(item)) return;
    const { path, native } = item;
    const isFolder = item.stat.type === 'directory';
    if (rules.ignores(path, isFolder)) {
      recorder.recordWithdrawal(path);
      return;
    }
    const facts = writer.facts(path);
    if (facts && !facts.deleted && facts.type === 'directory' && !isFolder) this.#missTree(path, found);
    await examiner.examine(item, occasion);
    if (isFolder && occasion === 'arrived') {
      watched.unwatchTree(native);
      // Watched from here on, whatever scan is under way.
      watched.watch({ path, native });
      found.scans.push(scan({ path, native }));
    }
  }

  /** Undefined when the system does not tell. */
  async #stat(native: string): Promise<FileStat | 'missing' | undefined> {
    try {
      return await this.#parts.files.lstat(absolutePath(this.#parts.root, native));
    } catch (error) {
      return isNothingThere(error) ? 'missing' : undefined;
    }
  }

  async #isSpelt(absolute: string, path: RelativePath, { names }: Findings): Promise<boolean> {
    const { writer, isCaseBlind } = this.#parts;
    if (!writer.facts(path) || !(await isCaseBlind())) return true;
    return (await names.has(absolute)) ?? true;
  }

  #missTree(path: RelativePath, { missing }: Findings): void {
    missing.push(path);
    for (const below of this.#parts.writer.below(path)) missing.push(below);
  }
}
