import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Logger } from '../core/logger.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { FolderFlush } from './folder-flush.ts';
import { further, GroupCommit } from './group-commit.ts';
import type { TrashClock } from './trash-clock.ts';
import type { TrashFolder } from './trash-folder.ts';
import type { TrashReason } from './trash-record.ts';

export interface IntakeParts {
  readonly fileSystem: FileSystem;
  readonly index: LocalIndex;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly kept: TrashFolder;
  readonly time: TrashClock;
  /** Called with the bytes of what could not be put back and stays in the trash. */
  readonly onLeft: (size: number) => void;
}

interface Taking {
  readonly id: string;
  readonly path: RelativePath;
  readonly reason: TrashReason;
}

/** `native`: absolute, where it was. `size`: bytes. */
interface Taken extends Taking {
  readonly native: string;
  readonly size: number;
}

/**
 * Moves files and links into the trash. What many were is written and flushed together, before the first of them leaves
 * its place, and so are their names after that.
 */
export class TrashIntake {
  readonly #parts: IntakeParts;
  readonly #groups = new GroupCommit<Taking, number>((batch) => this.#takeAll(batch));

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /**
   * Moves what is at `path` to the trash, with its record; resolves with its size in bytes when that is durable.
   * Rejects with a system error: ENOENT when nothing is there, EISDIR for a folder.
   */
  async take(id: string, path: RelativePath, reason: TrashReason): Promise<number> {
    return this.#groups.add({ id, path, reason });
  }

  /** What has brought it about is what the caller hears of, whatever else fails. */
  async putBack(id: string, path: RelativePath, size: number): Promise<void> {
    const { fileSystem, index, kept, onLeft } = this.#parts;
    if (!(await this.isBack(id, path))) {
      onLeft(size);
      return;
    }
    try {
      await fileSystem.syncDirectory(dirname(index.locate(path)));
      await kept.removeRecord(id);
    } catch {
      // A record without a file counts for nothing.
    }
  }

  /** Tries to put it back at `path`. */
  async isBack(id: string, path: RelativePath): Promise<boolean> {
    const { fileSystem, index, kept } = this.#parts;
    try {
      await fileSystem.renameNew(kept.pathOf(id), index.locate(path));
      return true;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') this.notPutBack(path, error);
      return false;
    }
  }

  /** Nothing is at `path` any more, and nobody has removed what was. */
  notPutBack(path: RelativePath, error: unknown): void {
    const { index, logger } = this.#parts;
    logger.error('trash.not-put-back', { path, reason: systemErrorCode(error) ?? String(error) });
    index.withdraw(path);
  }

  async #takeAll(batch: readonly Taking[]): Promise<PromiseSettledResult<number>[]> {
    const { kept, fileSystem } = this.#parts;
    const found = await Promise.allSettled(batch.map((taking) => this.#look(taking)));
    if (found.some(({ status }) => status === 'fulfilled')) await kept.make();
    const recorded = await further(found, (one) => this.#record(one));
    if (recorded.some(({ status }) => status === 'fulfilled')) await kept.sync();
    const moved = await further(recorded, (one) => this.#move(one));
    const flush = new FolderFlush(fileSystem);
    return further(moved, async ({ id, path, native, size }) => {
      try {
        await flush.sync(kept.path);
        await flush.sync(dirname(native));
      } catch (error) {
        await this.putBack(id, path, size);
        throw error;
      }
      return size;
    });
  }

  async #look(taking: Taking): Promise<Taken> {
    const { fileSystem, index } = this.#parts;
    const { path } = taking;
    const native = index.locate(path);
    const { type, size } = await fileSystem.lstat(native);
    if (type === 'directory') throw Object.assign(new Error(`EISDIR: ${path}`), { code: 'EISDIR' });
    return { ...taking, native, size };
  }

  async #record(taken: Taken): Promise<Taken> {
    const { index, clock, kept, time } = this.#parts;
    const { id, path, size, reason } = taken;
    const bytes = index.get(path)?.hash;
    const hash = bytes && Buffer.from(bytes).toString('hex');
    const times = { time: clock.now(), counted: time.now() };
    await kept.writeRecord(id, { path, size, ...times, reason, hash });
    return taken;
  }

  async #move(taken: Taken): Promise<Taken> {
    const { fileSystem, kept } = this.#parts;
    try {
      // Whatever it is by now: somebody may save over it at any moment, and a link and an unlink would lose that.
      await fileSystem.rename(taken.native, kept.pathOf(taken.id));
    } catch (error) {
      await kept.removeRecord(taken.id);
      throw error;
    }
    return taken;
  }
}
