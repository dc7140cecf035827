import type { Catalogue } from '../catalogue/catalogue.ts';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import { isUnsupported } from '../core/file-system.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { VersionVector } from '../model/version-vector.ts';
import { compareVersions } from '../model/version-vector.ts';
import { decidePlacement } from '../sync/placement.ts';
import type { Newcomer, Placement } from '../sync/placement.ts';
import { compareContents } from '../sync/precedence.ts';
import type { FileMaker, NewFile } from './file-maker.ts';
import type { FolderGate } from './folder-gate.ts';
import { GroupCommit, succeeded } from './group-commit.ts';
import type { IncomingFolder } from './incoming-folder.ts';
import { ParentFolders } from './parent-folders.ts';
import { stage } from './staging.ts';
import type { Staged } from './staging.ts';
import type { Trash } from './trash.ts';

export interface PlacerParts {
  readonly self: DeviceId;
  readonly fileSystem: FileSystem;
  readonly index: LocalIndex;
  readonly catalogue: Pick<Catalogue, 'at'>;
  readonly incoming: IncomingFolder;
  readonly maker: FileMaker;
  readonly gate: FolderGate;
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly trash: Pick<Trash, 'replace' | 'move' | 'moveBack'>;
  readonly durability: () => 'full' | 'fast';
}

/** One newcomer, whole: in its temporary file, in memory when it is small, or without any content. */
export interface Arrival extends Newcomer {
  /** Of its download. */
  readonly id: string;
  readonly body: Staged['body'];
}

interface Outcome {
  /** Where it ended. */
  readonly path: RelativePath;
  /** To be recorded with this version. */
  readonly entry: Omit<FileEntry, 'sequence'> | undefined;
  /** To be looked at: ours under a new name. */
  readonly look: RelativePath | undefined;
}

type Outcomes = Map<Arrival, PromiseSettledResult<Outcome>>;

/** A name may be taken or removed between the look and the rename; then the decision is made anew, at most so often. */
const MAX_TRIES = 5;

/**
 * Puts files that are whole in place: flushed, under their final name in one step, never over something that nobody has
 * looked at. Many at once are flushed, renamed and recorded together.
 */
export class Placer {
  readonly #parts: PlacerParts;
  readonly #commits: GroupCommit<Arrival, RelativePath>;

  constructor(parts: PlacerParts) {
    this.#parts = parts;
    this.#commits = new GroupCommit((batch) => this.#commit(batch));
  }

  /** Resolves when the file is in place, durable and recorded. Rejects with NAME_UNSUPPORTED or a system error. */
  place(arrival: Arrival): Promise<RelativePath> {
    return this.#commits.add(arrival);
  }

  async #commit(batch: readonly Arrival[]): Promise<PromiseSettledResult<RelativePath>[]> {
    const { index, gate } = this.#parts;
    const release = await index.hold(batch.map(({ target }) => target));
    try {
      gate.demandOpen();
      // Files lie in the private folder before; folders would be made in an empty mount point, too.
      if (batch.some(({ content }) => content.type === 'directory')) await index.verifyFolder();
      const settle = index.expect(batch.map(({ content, target }) => ({ ...content, path: target })));
      try {
        return await this.#commitHeld(batch);
      } finally {
        settle();
      }
    } finally {
      release();
    }
  }

  async #commitHeld(batch: readonly Arrival[]): Promise<PromiseSettledResult<RelativePath>[]> {
    const folders = new ParentFolders(this.#parts);
    const targets = new Map<RelativePath, Promise<unknown>>();
    const outcomes = await this.#makeSmall(batch, folders);
    const others = batch.filter((arrival) => !outcomes.has(arrival));
    const puts = await Promise.allSettled(
      others.map((arrival) => {
        const put = this.#put(arrival, folders, targets.get(arrival.target));
        targets.set(arrival.target, put);
        return put;
      }),
    );
    others.forEach((arrival, position) => outcomes.set(arrival, puts[position]!));
    if (this.#parts.durability() === 'full') await folders.sync();
    const done = succeeded([...outcomes.values()]);
    const entries = done.flatMap(({ entry }) => entry ?? []);
    if (entries.length > 0) await this.#parts.index.record(entries);
    for (const { look } of done) if (look) await this.#parts.index.refresh(look);
    return batch.map((arrival) => {
      const outcome = outcomes.get(arrival)!;
      return outcome.status === 'rejected' ? outcome : { status: 'fulfilled', value: outcome.value.path };
    });
  }

  /**
   * Small files whose names are free, all in one go: what many of them are. Those whose name turns out to be taken are
   * left out, and go the way of all others.
   */
  async #makeSmall(batch: readonly Arrival[], folders: ParentFolders): Promise<Outcomes> {
    const { self, index, incoming, maker, durability } = this.#parts;
    const small = new Map<
      RelativePath,
      { arrival: Arrival; outcome: PromiseFulfilledResult<Outcome>; file: NewFile }
    >();
    for (const arrival of batch) {
      const { content, body, target, id } = arrival;
      const known = index.get(target);
      if (content.type !== 'file' || !(body instanceof Uint8Array) || small.has(target)) continue;
      if (known && !known.deleted) continue;
      const placement = decidePlacement(self, known, arrival, (path) => index.get(path));
      if (placement.action !== 'place') continue;
      const { mtimeUs, executable } = content;
      const entry = { ...content, path: target, version: placement.version };
      small.set(target, {
        arrival,
        outcome: {
          status: 'fulfilled',
          value: { path: target, entry, look: undefined },
        },
        file: {
          temporary: incoming.pathOf(id),
          path: index.locate(target),
          bytes: body,
          mtimeUs,
          executable,
        },
      });
    }
    const ready = await folders.prepareAll([...small.keys()]);
    const files = ready.map((target) => small.get(target)!);
    const failures = await maker.make(
      files.map(({ file }) => file),
      durability() === 'full',
    );
    const made = files.filter((_, position) => failures[position] === undefined);
    return new Map(made.map(({ arrival, outcome }) => [arrival, outcome]));
  }

  async #put(
    arrival: Arrival,
    folders: ParentFolders,
    before: Promise<unknown> | undefined,
  ): Promise<Outcome> {
    const { fileSystem, durability } = this.#parts;
    const path = this.#parts.incoming.pathOf(arrival.id);
    try {
      await stage(fileSystem, path, arrival, durability() === 'full');
    } catch (error) {
      if (arrival.content.type !== 'symlink' || !isUnsupported(error)) throw error;
      throw new CompartidosError('NAME_UNSUPPORTED', { path: arrival.target, reason: 'no-links' });
    }
    await before?.catch(() => undefined);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#move(path, arrival, folders);
      } catch (error) {
        const code = systemErrorCode(error) ?? '';
        if (!['EEXIST', 'ENOENT'].includes(code) || attempt === MAX_TRIES) throw error;
        if (code === 'ENOENT') await folders.renew(arrival.target);
      }
    }
  }

  async #move(temporary: string, arrival: Arrival, folders: ParentFolders): Promise<Outcome> {
    const { self, index, trash } = this.#parts;
    const { content, target } = arrival;
    const local = await this.#look(target);
    const placement =
      this.#repair(local, arrival) ?? decidePlacement(self, local, arrival, (path) => index.get(path));
    const path = 'path' in placement ? placement.path : target;
    const named = (version: VersionVector) => ({ ...content, path: target, version });
    switch (placement.action) {
      case 'place':
        await this.#rename(temporary, content, target, folders);
        return { path, entry: named(placement.version), look: undefined };
      case 'replace':
        await trash.replace(target, 'replaced', () => this.#rename(temporary, content, target, folders));
        return { path, entry: named(placement.version), look: undefined };
      case 'set-aside':
        await folders.prepare(placement.copy);
        await this.#orKnow(placement.copy, trash.move(target, placement.copy));
        try {
          await this.#rename(temporary, content, target, folders);
        } catch (error) {
          // Nobody has removed it: it goes back, unless there is something new in its place.
          await trash.moveBack(placement.copy, target);
          throw error;
        }
        return { path, entry: named(placement.version), look: placement.copy };
      case 'beside':
        await this.#rename(temporary, content, placement.path, folders);
        return { path, entry: undefined, look: placement.path };
      case 'adopt':
        await this.#drop(temporary, content);
        return { path, entry: local && { ...local, version: placement.version }, look: undefined };
      case 'elsewhere':
      case 'keep':
        await this.#drop(temporary, content);
        return { path, entry: undefined, look: undefined };
    }
  }

  /** What is here under the same hashes is corrupt: it makes room for what it should be. */
  #repair(local: FileEntry | undefined, { content }: Arrival): Placement | undefined {
    if (!local || !this.#parts.index.isCorrupt(local.path)) return undefined;
    if (compareContents(local, content) !== 'same') return undefined;
    const { version } = content;
    const order = compareVersions(version, local.version);
    return order === 'equal' || order === 'newer' ? { action: 'replace', version } : undefined;
  }

  /** What is at `target` on the disk now. Nothing known there needs no look: the rename fails if there is something. */
  async #look(target: RelativePath): Promise<FileEntry | undefined> {
    const known = this.#parts.index.get(target);
    return known && !known.deleted ? this.#parts.index.refresh(target) : known;
  }

  /** If somebody was quicker with that name, the index must know of it before the next decision. */
  async #orKnow(path: RelativePath, naming: Promise<void>): Promise<void> {
    try {
      await naming;
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') await this.#parts.index.refresh(path);
      throw error;
    }
  }

  async #rename(
    temporary: string,
    { type }: FileEntry,
    target: RelativePath,
    folders: ParentFolders,
  ): Promise<void> {
    const { fileSystem, index } = this.#parts;
    await folders.prepare(target);
    const native = index.locate(target);
    await this.#orKnow(
      target,
      type === 'directory' ? fileSystem.makeDirectory(native) : fileSystem.renameNew(temporary, native),
    );
  }

  async #drop(temporary: string, { type }: FileEntry): Promise<void> {
    if (type !== 'directory') await this.#parts.fileSystem.unlink(temporary);
  }
}
