import { CompartidosError } from '../core/errors.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { ChangeFinder } from './change-finder.ts';
import type { ChangeWriter } from './change-writer.ts';
import type { FileHasher } from './file-hasher.ts';
import type { FolderDisk } from './folder-disk.ts';
import { isFolderProblem, type FolderState } from './folder-state.ts';
import type { FoundItem } from './found-item.ts';
import type { HeldPaths } from './held-paths.ts';
import { isUnchanged } from './known-file.ts';
import type { LocalRecorder } from './local-recorder.ts';

export interface PathRefreshParts {
  readonly hasher: FileHasher;
  readonly held: Pick<HeldPaths, 'watch'>;
  readonly finder: ChangeFinder;
  readonly writer: ChangeWriter;
  readonly recorder: LocalRecorder;
  readonly state: FolderState;
  readonly disk: Pick<FolderDisk, 'hasExecutableBit'>;
  /** Whether what answers to a path is another file, whose name differs in case only. */
  readonly isTwin: (path: RelativePath) => Promise<boolean>;
}

/** A file that changes under every look is given up after so many. */
const MAX_LOOKS = 5;

/** Brings the index up to date with a path at once, for somebody who is about to decide about it. */
export class PathRefresh {
  readonly #parts: PathRefreshParts;

  constructor(parts: PathRefreshParts) {
    this.#parts = parts;
  }

  /** Rejects with SOURCE_CHANGED, FOLDER_MISSING, FOLDER_CHANGED or a system error. */
  async refresh(path: RelativePath): Promise<void> {
    // What happens to it between the look and the record is looked at afterwards.
    const leave = this.#parts.held.watch(path);
    try {
      for (let look = 0; look < MAX_LOOKS; look += 1) if (await this.#look(path)) return;
    } finally {
      leave();
    }
    throw new CompartidosError('SOURCE_CHANGED', { path });
  }

  /** Says whether it held still. */
  async #look(path: RelativePath): Promise<boolean> {
    const { finder, writer, recorder, state, disk, isTwin } = this.#parts;
    const { disappearances, rules, examiner } = finder;
    state.assertFolder();
    const native = finder.nativeOf(path);
    const stat = await disappearances.look(native);
    const isKnownName = writer.facts(path)?.deleted === false;
    const item = stat && (isKnownName || !(await isTwin(path))) ? { path, native, stat } : undefined;
    if (!item) await this.#checkMissing(path);
    else if (rules.ignores(path, item.stat.type === 'directory')) recorder.recordWithdrawal(path);
    else if (!isUnchanged(writer.facts(path), item, disk)) {
      if (item.stat.type !== 'file') await examiner.examine(item, 'now');
      else if (!(await this.#read(item))) return false;
    }
    writer.flush();
    return true;
  }

  async #checkMissing(path: RelativePath): Promise<void> {
    try {
      await this.#parts.finder.disappearances.check([path], path);
    } catch (error) {
      if (isFolderProblem(error)) this.#parts.state.setFolder(error);
      throw error;
    }
  }

  async #read(item: FoundItem): Promise<boolean> {
    const { hasher, finder, recorder } = this.#parts;
    const outcome = await hasher.hash(finder.locate(item.path), item.stat.size);
    if (outcome.type === 'hashed') {
      finder.content.discard(item.path);
      recorder.recordContent(item, outcome);
      return true;
    }
    if (outcome.type === 'changed' || outcome.code === 'ENOENT') return false;
    throw Object.assign(new Error(`${outcome.code}: cannot read ${item.path}`), { code: outcome.code });
  }
}
