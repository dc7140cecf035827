import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { RuleSettings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Documents } from '../index/document-store.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { SqliteError } from '../index/sqlite.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { Rule, RuleSet } from '../sync/rule.ts';
import { MAX_SYNC_RULES } from '../wire/limits.ts';
import type { SyncRule } from '../wire/messages/message.ts';
import { hashKey } from './hash-key.ts';

export interface OwnSyncRulesParts {
  readonly rules: readonly RuleSettings[];
  readonly index: Pick<LocalIndex, 'announceAgain' | 'disown' | 'events' | 'get' | 'indexId' | 'sequence'>;
  /** Whether the first scan since the start is complete. */
  readonly isReady: () => boolean;
  /** Scans everything; says whether that came to its end. */
  readonly rescan: () => Promise<boolean>;
  /** All our entries, tombstones included, in no particular order. */
  readonly ownEntries: () => Iterable<Pick<FileEntry, 'path' | 'deleted'>>;
  /** Where it is kept between runs since when we have had which rule. */
  readonly documents: Documents;
  readonly clock: Clock;
}

export type OwnSyncRulesEvents = {
  /** There are others to be told. */
  changed: [];
};

/** A rule that we have had since our index had reached a sequence. */
interface Had {
  readonly rule: Rule;
  readonly since: number;
}

const DOCUMENT = 'own';
/** Entries that are gone through before others have a turn. */
const TURN = 500;
/** ms until another try when the folder could not be scanned, or the database refused. */
const RETRY_MS = 2000;

const shape = z.object({
  indexId: z.string(),
  settled: z.array(z.string()),
  rules: z.array(
    z.object({
      match: z.array(z.string()),
      into: z.string().optional(),
      since: z.number().int().nonnegative(),
    }),
  ),
});

/**
 * The rules by which we sync, and since when we have had each. What we did without before we had it was no deletion for
 * those who sync: it is disowned when the rule is taken up, and comes back; and others are told from which sequence on our
 * deletions count, since they may hear of the rule before they hear of that.
 */
export class OwnSyncRules implements Startable {
  readonly events = new Emitter<OwnSyncRulesEvents>();
  readonly #parts: OwnSyncRulesParts;
  #rules: RuleSet;
  /** By the key of the rule; what is no more among the rules, too, while others are taken up in its place. */
  #had = new Map<string, Had>();
  /** The ids of all rules, in their order, under which all deletions count as they should. */
  #settled: readonly string[] = [];
  #taking = new AbortController();
  #taken: Promise<void> = Promise.resolve();
  #remove: (() => void) | undefined;

  constructor(parts: OwnSyncRulesParts) {
    this.#parts = parts;
    this.#rules = new RuleSet(parts.rules);
  }

  async start(): Promise<void> {
    if (this.#remove) return;
    const { index, documents } = this.#parts;
    const { data } = shape.safeParse(documents.all().get(DOCUMENT));
    // With a new index, and where an earlier release did not say, all of them are taken for old ones.
    if (data?.indexId === index.indexId) {
      this.#had = new Map(data.rules.map(readRule));
      this.#settled = data.settled;
    } else this.#settle(0);
    this.#remove = index.events.on('ready', () => this.#takeUp());
    this.#takeUp();
  }

  async stop(): Promise<void> {
    this.#remove?.();
    this.#remove = undefined;
    this.#taking.abort();
    await this.#taken;
  }

  /** Takes up changed rules. @throws GLOB_INVALID */
  configure(rules: readonly RuleSettings[]): void {
    this.#rules = new RuleSet(rules);
    if (!this.#remove) return;
    this.#takeUp();
    this.events.emit('changed');
  }

  /** What others are to be told now. */
  told(): readonly SyncRule[] {
    return [...this.#current()].flatMap(([text, { syncKey: key }]) => {
      const had = this.#had.get(text);
      return key && had ? [{ key, since: had.since }] : [];
    });
  }

  #current(): ReadonlyMap<string, Rule> {
    const rules = new Map<string, Rule>();
    for (const rule of this.#rules.rules) {
      const key = keyOf(rule);
      if (key !== undefined && rules.size < MAX_SYNC_RULES) rules.set(key, rule);
    }
    return rules;
  }

  #takeUp(): void {
    this.#taking.abort();
    this.#taking = new AbortController();
    // What was deleted while we did not run was deleted before, too.
    if (isDeepStrictEqual(this.#settled, this.#ids()) || !this.#parts.isReady()) return;
    const { signal } = this.#taking;
    this.#taken = this.#taken.then(() => this.#settleAll(signal));
  }

  async #settleAll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (await this.#parts.rescan()) {
          // What is deleted from now on is meant for all.
          const since = this.#parts.index.sequence;
          await this.#settleDeletions(signal);
          if (signal.aborted) return;
          this.#settle(since);
          this.events.emit('changed');
          return;
        }
      } catch (error) {
        if (!(error instanceof SqliteError)) throw error;
      }
      await this.#parts.clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }

  /**
   * Disowns what was deleted before the sync rule came that decides about it, unless it was already meant for all by one
   * that we have had.
   */
  async #settleDeletions(signal: AbortSignal): Promise<void> {
    const { index, ownEntries, clock } = this.#parts;
    let disowned: RelativePath[] = [];
    let kept: RelativePath[] = [];
    const write = () => {
      index.disown(disowned);
      index.announceAgain(kept);
      [disowned, kept] = [[], []];
    };
    let count = 0;
    for (const { path, deleted } of ownEntries()) {
      const rule = deleted ? this.#rules.rules.find((one) => mayDecide(one) && one.covers(path)) : undefined;
      const key = rule && keyOf(rule);
      if (key !== undefined) {
        if (!this.#wasMeant(path)) disowned.push(path);
        else if (!this.#had.has(key)) kept.push(path);
      }
      count += 1;
      if (count % TURN > 0) continue;
      write();
      await clock.sleep(0, signal).catch(() => undefined);
      if (signal.aborted) return;
    }
    write();
  }

  #wasMeant(path: RelativePath): boolean {
    const { sequence } = this.#parts.index.get(path)!;
    return [...this.#had.values()].some(({ rule, since }) => sequence > since && rule.covers(path));
  }

  #ids(): string[] {
    return this.#rules.rules.map(({ settings }) => settings.id);
  }

  /** Deletions count as they should under the current rules: under those that are new, `since` then. */
  #settle(since: number): void {
    const { documents, index } = this.#parts;
    const had = this.#had;
    this.#had = new Map();
    for (const [key, rule] of this.#current())
      this.#had.set(key, { rule, since: had.get(key)?.since ?? since });
    this.#settled = this.#ids();
    const rules = [...this.#had.values()].map(({ rule: { settings }, since }) => {
      const { match, into } = settings;
      return { match, into, since };
    });
    documents.write([[DOCUMENT, { indexId: index.indexId, settled: this.#settled, rules }]]);
  }
}

/** Whether a rule decides about all files under their names, or it is about their deletion. */
function mayDecide({ settings: { mode, from, maxSize } }: Rule): boolean {
  return mode === 'sync' || (from.length === 0 && maxSize === undefined);
}

function keyOf({ syncKey }: Rule): string | undefined {
  return syncKey && hashKey(syncKey);
}

function readRule({ match, into, since }: z.infer<typeof shape>['rules'][number]): [key: string, Had] {
  const others = { id: '', from: [], maxSize: undefined, priority: 0 };
  const rule = new Rule({ ...others, mode: 'sync', match, into });
  return [keyOf(rule)!, { rule, since }];
}
