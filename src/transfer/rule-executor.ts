import PQueue from 'p-queue';
import type { Clock } from '../core/clock.ts';
import { isCompartidosError, systemErrorCode } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { parentPath } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { findRenaming, fromTheBottom, isDestructive, isKeptElsewhere } from '../sync/plan.ts';
import type { PossibleRenaming, Proposal, Renaming } from '../sync/plan.ts';
import type { Rule } from '../sync/rule.ts';
import { fileAbove } from './file-above.ts';
import type { LocalChanges, Outcome } from './local-changes.ts';
import { isBringing } from './rule-downloads.ts';
import type { RuleDownloads } from './rule-downloads.ts';
import type { RuleEvaluator } from './rule-evaluator.ts';
import type { RuleRenamings } from './rule-renamings.ts';
import type { Obstacle } from './rule-test.ts';
import { RuleWaits } from './rule-waits.ts';

export interface ExecutorParts {
  readonly index: LocalIndex;
  readonly evaluator: RuleEvaluator;
  readonly asked: RuleDownloads;
  readonly renamings: RuleRenamings;
  readonly changes: LocalChanges;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Has what peers call `path` looked at again. */
  readonly again: (path: RelativePath) => void;
  /** Has what may be deleted looked at again when no more deletions come; `isLoss`: it may be nowhere else here. */
  readonly deleteLater: (path: RelativePath, rule: Rule, isLoss: boolean) => void;
}

/** Those of one group of `local-changes` share the price of its flush; that many are brought to their end before a stop. */
const CHANGES_AT_ONCE = 512;

/**
 * Does what rules propose: asks for downloads, and changes our own files, one change at a time for each name.
 * Afterwards whatever was changed is looked at again, so that nothing has to be remembered of it.
 */
export class RuleExecutor {
  readonly #parts: ExecutorParts;
  readonly #queue = new PQueue({ concurrency: CHANGES_AT_ONCE });
  /** Names here that are being changed. */
  readonly #busy = new Set<RelativePath>();
  /** Folders above which, while some proposals are carried out, nothing is in the way. */
  readonly #free = new Set<RelativePath>();
  /** Folders of ours that are being removed, and out of which something has gone meanwhile. */
  readonly #emptied = new Set<RelativePath>();
  readonly #waits: RuleWaits;
  #isStopped = false;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    this.#waits = new RuleWaits(parts.clock, parts.again);
  }

  start(): void {
    this.#isStopped = false;
    this.#waits.start();
  }

  /** What has begun is brought to its end. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waits.stop();
    await this.#queue.onIdle();
    this.#parts.renamings.clear();
  }

  get isIdle(): boolean {
    return this.#queue.size + this.#queue.pending === 0;
  }

  /** Whether there is something to do that is not being done. */
  isOpen({ path, target, decision }: Proposal): boolean {
    if (decision.type === 'none' || this.#busy.has(target)) return false;
    return !(isBringing(decision) && this.#parts.asked.isAsked(path, decision));
  }

  /** In their order. */
  carryOutAll(proposals: readonly Proposal[]): void {
    this.#free.clear();
    for (const proposal of proposals) this.#carryOut(proposal);
  }

  #carryOut(proposal: Proposal): void {
    const { decision, path } = proposal;
    const { changes, asked, logger, renamings } = this.#parts;
    switch (decision.type) {
      case 'none':
        break;
      case 'adopt':
        void this.#change(proposal, decision.ours.path, () => changes.adopt(decision.ours, decision.entry));
        break;
      case 'delete':
        this.#deleteLater(proposal, decision.ours.path);
        renamings.withdrawn(decision.ours.path);
        break;
      case 'conflict':
        logger.warn('conflict.found', { path: decision.ours.path, copy: decision.copy });
        asked.ask(proposal, decision);
        break;
      case 'fetch': {
        const { replaces, entry, sources } = decision;
        const renaming = this.renamingFor(proposal);
        if (renaming?.type === 'possible' && renamings.mustWait(path, sources, renaming.twins)) break;
        if (renaming?.type === 'rename') this.#rename(proposal, renaming);
        else if (replaces?.type === 'directory' && entry.type !== 'directory') {
          const tombstone = { ...replaces, deleted: true };
          void this.#change(proposal, replaces.path, () => changes.remove(replaces, tombstone));
        } else if (this.#isWayFree(proposal, decision.target)) asked.ask(proposal, decision);
        break;
      }
    }
  }

  /** Whether our file is to be deleted now: not while something may be got by renaming it, which is to be seen soon. */
  mayDelete(proposal: Proposal): boolean {
    const { decision } = proposal;
    if (decision.type !== 'delete' || !this.isOpen(proposal)) return false;
    if (!this.#parts.renamings.isAwaited(decision.ours.path)) return true;
    this.#deleteLater(proposal, decision.ours.path);
    return false;
  }

  /** Those that delete a file whose content is then nowhere else here. */
  losses(proposals: readonly Proposal[]): Proposal[] {
    const leaving = new Set(proposals.map(({ target }) => target));
    const isLeaving = (path: RelativePath) => leaving.has(path) || this.#busy.has(path);
    return proposals.filter((proposal) => {
      const isKept = () => isKeptElsewhere(proposal, (hash) => this.#parts.index.withHash(hash), isLeaving);
      return isDestructive(proposal) && !isKept();
    });
  }

  /** Deletes what the brake has let pass: folders after what is in them. */
  async deleteAll(proposals: readonly Proposal[]): Promise<void> {
    const isFolder = ({ decision }: Proposal) =>
      decision.type === 'delete' && decision.ours.type === 'directory';
    await Promise.all(proposals.filter((one) => !isFolder(one)).map((one) => this.#delete(one)));
    for (const folders of fromTheBottom(proposals.filter(isFolder))) {
      await Promise.all(folders.map((one) => this.#delete(one)));
    }
  }

  /** The file of ours that only has to be renamed to be what is proposed, or may have to be. */
  renamingFor(proposal: Proposal): Renaming | PossibleRenaming | undefined {
    const { index, evaluator } = this.#parts;
    return findRenaming(
      proposal,
      (hash) => index.withHash(hash).filter(({ path }) => !this.#busy.has(path)),
      (ours) => evaluator.proposalsFor(ours),
    );
  }

  /** Why the proposal is not carried out: what of ours it waits for to go, or how its download ended. */
  obstacleOf({ rule, path, decision }: Proposal): Obstacle | undefined {
    if (!isBringing(decision)) return undefined;
    const failure = this.#parts.asked.failureOf(path, decision);
    if (failure) return failure;
    if (decision.type !== 'fetch') return undefined;
    const { target } = decision;
    if (this.#waits.isFull(target)) return 'folder-in-the-way';
    if (rule.settings.mode !== 'fetch') return undefined;
    return fileAbove(this.#parts.index, target) ? 'file-in-the-way' : undefined;
  }

  /** An entry of ours has changed: what waited for it to go may be done. */
  changed({ path, deleted }: FileEntry): void {
    this.#waits.letPass(path);
    const parent = parentPath(path);
    if (!deleted || parent === undefined) return;
    this.#waits.letPass(parent);
    if (this.#busy.has(parent)) this.#emptied.add(parent);
  }

  #rename(proposal: Proposal, renaming: Renaming): void {
    const from = renaming.ours.path;
    this.#parts.renamings.forget(proposal.path);
    this.#busy.add(from);
    void this.#change(proposal, renaming.entry.path, async () => {
      try {
        const outcome = await this.#parts.changes.rename(renaming);
        if (outcome === 'done') this.#tell('rename', proposal.rule, { path: renaming.entry.path, from });
        return outcome;
      } finally {
        this.#letGo(from);
      }
    });
  }

  /** Whether nothing but folders is above `target`; else that is seen to, and the proposal waits. */
  #isWayFree(proposal: Proposal, target: RelativePath): boolean {
    const ours = fileAbove(this.#parts.index, target, this.#free);
    if (!ours) {
      const parent = parentPath(target);
      if (parent !== undefined) this.#free.add(parent);
      return true;
    }
    this.#waits.waitFor(ours.path, proposal.path);
    const fates = this.#parts.evaluator.proposalsFor(ours);
    const isGoing = fates.some(({ decision }) => decision.type !== 'none');
    // A rule that only takes leaves our own files alone.
    if (!isGoing && proposal.rule.settings.mode !== 'fetch') this.#makeWay(proposal, ours);
    return false;
  }

  #makeWay(proposal: Proposal, ours: FileEntry): void {
    if (this.#busy.has(ours.path)) return;
    void this.#change(proposal, ours.path, async () => {
      const copy = await this.#parts.changes.makeWay(ours);
      if (copy === undefined) return 'changed';
      this.#tell('make-way', proposal.rule, { path: copy, from: ours.path });
      return 'done';
    });
  }

  #deleteLater(proposal: Proposal, ours: RelativePath): void {
    const isLoss = isDestructive(proposal) && !this.#parts.renamings.isAwaited(ours);
    this.#parts.deleteLater(proposal.path, proposal.rule, isLoss);
  }

  async #delete(proposal: Proposal): Promise<void> {
    const { decision, rule } = proposal;
    if (decision.type !== 'delete' || this.#isStopped || this.#busy.has(decision.ours.path)) return;
    const { ours, tombstone } = decision;
    await this.#change(proposal, ours.path, async () => {
      const outcome = await this.#parts.changes.remove(ours, tombstone);
      const act = ours.type === 'directory' ? 'delete-folder' : 'delete';
      if (outcome === 'done') this.#tell(act, rule, { path: ours.path });
      return outcome;
    });
  }

  #change({ rule, path }: Proposal, target: RelativePath, work: () => Promise<Outcome>): Promise<void> {
    this.#busy.add(target);
    return this.#queue.add(async () => {
      try {
        const outcome = this.#isStopped ? 'changed' : await work();
        this.#letGo(target, path);
        const hasLostSome = this.#emptied.delete(target);
        if (outcome === 'full' && !hasLostSome) this.#waits.waitForEmpty(target, path);
        else {
          this.#waits.over(target);
          this.#parts.again(path);
        }
      } catch (error) {
        this.#letGo(target, path);
        this.#fail(rule, path, target, error);
      }
    });
  }

  /** It is changed no more. What else may be brought there, under other names than `path`, was passed over meanwhile. */
  #letGo(target: RelativePath, path?: RelativePath): void {
    this.#busy.delete(target);
    for (const source of this.#parts.evaluator.sourcesOf(target))
      if (source !== path) this.#parts.again(source);
  }

  #fail(rule: Rule, path: RelativePath, target: RelativePath, error: unknown): void {
    const code = isCompartidosError(error) ? error.code : (systemErrorCode(error) ?? String(error));
    this.#parts.logger.warn('rule.failed', { rule: rule.settings.match.join(', '), path: target, code });
    // Two disks do not become one by waiting, and when the disk goes the index tells.
    if (code !== 'OTHER_DISK' && code !== 'EXDEV') this.#waits.failed(path);
  }

  #tell(
    act: 'delete' | 'delete-folder' | 'rename' | 'make-way',
    rule: Rule,
    fields: Record<string, string>,
  ): void {
    this.#parts.logger.info(`rule.acted.${act}`, { rule: rule.settings.match.join(', '), ...fields });
  }
}
