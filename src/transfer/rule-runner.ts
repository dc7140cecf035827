import type { Catalogue } from '../catalogue/catalogue.ts';
import type { RuleSettings } from '../config/settings.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Documents } from '../index/document-store.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { SqliteError } from '../index/sqlite.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { lastChange } from '../model/version-vector.ts';
import { fromTheTop, isDestructive, versionThere } from '../sync/plan.ts';
import type { Proposal } from '../sync/plan.ts';
import { RuleSet } from '../sync/rule.ts';
import type { Rule } from '../sync/rule.ts';
import type { Downloads } from './downloads.ts';
import type { FolderGate } from './folder-gate.ts';
import type { LocalChanges } from './local-changes.ts';
import { RuleAgenda } from './rule-agenda.ts';
import { RuleBrake } from './rule-brake.ts';
import type { Act, StoppedRule } from './rule-brake.ts';
import { RuleDeletions } from './rule-deletions.ts';
import { RuleDownloads } from './rule-downloads.ts';
import { RuleEvaluator } from './rule-evaluator.ts';
import { RuleExecutor } from './rule-executor.ts';
import { RulePaths } from './rule-paths.ts';
import { RuleRenamings } from './rule-renamings.ts';
import type { RuleTelling } from './rule-telling.ts';
import { describeProposal } from './rule-test.ts';
import type { RuleTest } from './rule-test.ts';

export interface RuleRunnerParts {
  readonly self: DeviceId;
  readonly rules: readonly RuleSettings[];
  readonly catalogue: Catalogue;
  readonly index: LocalIndex;
  /** All our entries, tombstones included, in no particular order. */
  readonly ownEntries: () => Iterable<Pick<FileEntry, 'path' | 'deleted' | 'type'>>;
  /** Whether the first scan since the start is complete. */
  readonly isReady: () => boolean;
  /** Whether names like this are ignored here. */
  readonly ignores: (path: RelativePath, isFolder: boolean) => boolean;
  readonly downloads: Pick<Downloads, 'events' | 'request' | 'resume' | 'followRule' | 'ofRules'>;
  readonly changes: LocalChanges;
  readonly gate: Pick<FolderGate, 'isOpen'>;
  readonly telling: Pick<RuleTelling, 'events' | 'syncs'>;
  /** Where stopped rules are kept between runs. */
  readonly documents: Documents;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Paths that are looked at before others have a turn, where all of them are. */
const TURN = 500;
/**
 * ms between two looks at what has failed. Nobody tells that the disk of a source is there again, or can be read: what was
 * on it has not changed.
 */
const FAILED_AGAIN_MS = 3_600_000;

/**
 * Carries out the rules. Whatever changes at a peer or here is held against them at once. All decisions are made from
 * what is known at that moment, so that making one again is always right: nothing is remembered of a decision but that
 * its download has been asked for.
 */
export class RuleRunner implements Startable {
  readonly #parts: RuleRunnerParts;
  readonly #agenda: RuleAgenda;
  readonly #evaluator: RuleEvaluator;
  readonly #paths: RulePaths;
  readonly #executor: RuleExecutor;
  readonly #deletions: RuleDeletions;
  readonly #renamings: RuleRenamings;
  readonly #brake: RuleBrake;
  readonly #asked: RuleDownloads;
  readonly #online = new Set<DeviceId>();
  #removers: (() => void)[] = [];
  #timer: Timer | undefined;
  #isStarted = false;

  constructor(parts: RuleRunnerParts) {
    this.#parts = parts;
    const again = (path: RelativePath) => this.#add(path);
    this.#agenda = new RuleAgenda({
      clock: parts.clock,
      mayWork: () => this.#mayWork,
      look: (paths) => this.#look(paths),
      beginAnew: () => this.#lookAtAll(),
    });
    this.#evaluator = new RuleEvaluator(parts, new RuleSet(parts.rules));
    this.#paths = new RulePaths({ ...parts, evaluator: this.#evaluator });
    this.#brake = new RuleBrake({ ...parts, countFiles: (rule) => this.#paths.countFiles(rule) });
    this.#brake.retain(new Set(parts.rules.map(({ id }) => id)));
    this.#asked = new RuleDownloads({ ...parts, finished: again });
    this.#deletions = new RuleDeletions(
      parts.clock,
      () => this.#agenda.isIdle,
      (paths) => {
        try {
          this.#delete(paths);
        } catch (error) {
          if (!(error instanceof SqliteError)) throw error;
          // Their turn comes again, when the database can be read.
          for (const path of paths) this.#agenda.add(path);
        }
      },
    );
    this.#renamings = new RuleRenamings(parts.clock, again, (path) => this.#asked.isUnderWay(path));
    this.#executor = new RuleExecutor({
      ...parts,
      evaluator: this.#evaluator,
      asked: this.#asked,
      renamings: this.#renamings,
      again,
      deleteLater: (path, rule, isLoss) => this.#deletions.add(path, rule, isLoss),
    });
  }

  /** Everything is held against the rules once, as soon as the first scan is complete. */
  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { catalogue, index, downloads, telling } = this.#parts;
    this.#executor.start();
    for (const { device, online } of catalogue.peers()) if (online) this.#online.add(device);
    this.#removers = [
      catalogue.events.on('changed', (device, entries) => {
        this.#renamings.heard(device, entries);
        entries.forEach(({ path }) => this.#add(path));
      }),
      catalogue.events.on('peerChanged', ({ device, online }) => this.#followPeer(device, online)),
      telling.events.on('changed', (device) => this.#agenda.addAll(this.#paths.deletedAt(device))),
      index.events.on('changed', (entries) => entries.forEach((entry) => this.#followOwn(entry))),
      downloads.events.on('changed', (download) => this.#asked.changed(download)),
      index.events.on('freed', (path) => this.#asked.retry(path)),
      index.events.on('ignoring', () => {
        this.#asked.retry();
        this.#lookAtAll();
      }),
      index.events.on('ready', () => this.#agenda.wake()),
      index.events.on('problem', () => this.#lookAtAll()),
    ];
    this.#timer = this.#parts.clock.every(FAILED_AGAIN_MS, () => this.#asked.retryFailed());
    for (const path of this.#asked.takeUp()) this.#agenda.add(path);
    this.#lookAtAll();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    for (const remove of this.#removers) remove();
    this.#removers = [];
    this.#timer?.cancel();
    this.#deletions.clear();
    await this.#agenda.stop();
    await this.#executor.stop();
  }

  /** Nothing is being done: only what changes, at a peer or here, or time will bring more. */
  get isIdle(): boolean {
    return this.#agenda.isIdle && this.#executor.isIdle;
  }

  /** Takes up changed rules at once. @throws GLOB_INVALID */
  configure(rules: readonly RuleSettings[]): void {
    this.#evaluator.configure(new RuleSet(rules));
    this.#brake.retain(new Set(rules.map(({ id }) => id)));
    if (this.#isStarted) this.#lookAtAll();
  }

  /** Rules that the brake has stopped: they go on when a person agrees. */
  stopped(): StoppedRule[] {
    return this.#brake.stopped();
  }

  /** A person agrees to what stopped rules would do now, and has all that failed tried again. */
  async release(): Promise<void> {
    this.#asked.retry();
    const acts = new Map<string, Act[]>(this.stopped().map(({ id }) => [id, []]));
    if (acts.size === 0) return;
    await this.#forEachProposal((proposal) => {
      if (isDestructive(proposal)) acts.get(proposal.rule.settings.id)?.push(actOf(proposal));
    });
    for (const [id, agreed] of acts) this.#brake.release(id, agreed);
    this.#lookAtAll();
  }

  /** What the rules would do now, and why; does nothing. */
  async test(): Promise<RuleTest[]> {
    const tests: RuleTest[] = [];
    await this.#forEachProposal((proposal) => {
      const isRenaming = this.#executor.renamingFor(proposal)?.type === 'rename';
      const isStopped = this.#brake.isStopped(proposal.rule);
      const test = describeProposal(proposal, isRenaming, isStopped, this.#executor.obstacleOf(proposal));
      if (test) tests.push(test);
    });
    return tests;
  }

  get #mayWork(): boolean {
    return this.#isStarted && this.#parts.isReady() && this.#parts.gate.isOpen;
  }

  #add(path: RelativePath): void {
    if (this.#isStarted && this.#evaluator.concerns(path)) this.#agenda.add(path);
  }

  #followPeer(device: DeviceId, online: boolean): void {
    const wasOnline = this.#online.has(device);
    if (online) this.#online.add(device);
    else this.#online.delete(device);
    if (online && !wasOnline) this.#agenda.addAll(this.#paths.at(device));
  }

  /**
   * What we have asked for is looked at when its download is over. What a person did here may be undone by a mirror, or
   * stand against; what an earlier process had asked for may not be wanted any more.
   */
  #followOwn(entry: FileEntry): void {
    const isOurChange = lastChange(entry.version)?.device === this.#parts.self;
    for (const source of this.#evaluator.sourcesOf(entry.path)) {
      if (isOurChange || !this.#asked.isUnderWay(source, entry.path)) this.#add(source);
    }
    this.#executor.changed(entry);
  }

  #lookAtAll(): void {
    this.#agenda.restart(this.#asked.paths());
    this.#agenda.addAll(this.#paths.all());
  }

  async #forEachProposal(look: (proposal: Proposal) => void): Promise<void> {
    const seen = new Set<RelativePath>();
    for (const path of this.#paths.all()) {
      if (seen.has(path)) continue;
      seen.add(path);
      this.#evaluator.proposals(path).forEach(look);
      if (seen.size % TURN === 0) await this.#parts.clock.sleep(0);
    }
  }

  #look(paths: readonly RelativePath[]): void {
    const proposals: Proposal[] = [];
    for (const path of new Set(paths)) {
      const ofPath = this.#evaluator.proposals(path);
      this.#asked.retain(path, ofPath);
      // What is not to be brought any more keeps nothing of ours from being deleted.
      if (!ofPath.some(({ decision }) => decision.type === 'fetch')) this.#renamings.forget(path);
      for (const proposal of ofPath) if (this.#executor.isOpen(proposal)) proposals.push(proposal);
    }
    const rules = this.#rulesThatMay(proposals);
    this.#executor.carryOutAll(proposals.filter(({ rule }) => rules.has(rule)).sort(fromTheTop));
  }

  #rulesThatMay(proposals: readonly Proposal[]): Set<Rule> {
    const replaced = new Map<Rule, Act[]>();
    for (const proposal of proposals) {
      const acts = replaced.get(proposal.rule) ?? [];
      replaced.set(proposal.rule, acts);
      // Deletions are counted when no more of them come.
      if (proposal.decision.type !== 'delete' && isDestructive(proposal)) acts.push(actOf(proposal));
    }
    const rules = [...replaced].filter(([rule, acts]) => {
      return this.#brake.allows(rule, acts, acts.length > 0 ? this.#deletions.countOf(rule) : 0);
    });
    return new Set(rules.map(([rule]) => rule));
  }

  #delete(paths: readonly RelativePath[]): void {
    if (!this.#mayWork) return;
    const byRule = new Map<Rule, Proposal[]>();
    for (const proposal of paths.flatMap((path) => this.#evaluator.proposals(path))) {
      if (!this.#executor.mayDelete(proposal)) continue;
      const ofRule = byRule.get(proposal.rule) ?? [];
      byRule.set(proposal.rule, ofRule);
      ofRule.push(proposal);
    }
    for (const [rule, proposals] of byRule) {
      const acts = this.#executor.losses(proposals).map(actOf);
      if (this.#brake.allows(rule, acts)) void this.#executor.deleteAll(proposals);
    }
  }
}

function actOf(proposal: Proposal): Act {
  return { target: proposal.target, version: versionThere(proposal) };
}
