import { z } from 'zod';
import type { RuleSettings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { SqliteError } from '../index/sqlite.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { Rule } from '../sync/rule.ts';
import { MAX_SYNC_RULES } from '../wire/limits.ts';
import type { SyncRule } from '../wire/messages/message.ts';

export interface SyncRuleDocuments {
  all(): ReadonlyMap<string, unknown>;
  write(changes: Iterable<readonly [id: string, value: unknown]>): void;
}

export interface OwnSyncRulesParts {
  readonly rules: readonly RuleSettings[];
  readonly index: Pick<LocalIndex, 'events' | 'indexId' | 'sequence' | 'disown'>;
  /** Whether the first scan since the start is complete. */
  readonly isReady: () => boolean;
  /** All our entries, tombstones included, in no particular order. */
  readonly ownEntries: () => Iterable<Pick<FileEntry, 'path' | 'deleted'>>;
  /** Where it is kept between runs since when we have had which rule. */
  readonly documents: SyncRuleDocuments;
  readonly clock: Clock;
}

export type OwnSyncRulesEvents = {
  /** There are others to be told. */
  changed: [];
};

const DOCUMENT = 'own';
/** Entries that are gone through before others have a turn. */
const TURN = 500;
/** ms until another try when the database could not be read. */
const RETRY_MS = 2000;

const shape = z.object({ indexId: z.string(), since: z.record(z.string(), z.number().int().nonnegative()) });

/**
 * The rules by which we sync, and since when we have had each. What we did without before we had it was no deletion for
 * those who sync: it is disowned when the rule is taken up, and comes back; and others are told from which sequence on our
 * deletions count, since they may hear of the rule before they hear of that.
 */
export class OwnSyncRules implements Startable {
  readonly events = new Emitter<OwnSyncRulesEvents>();
  readonly #parts: OwnSyncRulesParts;
  #rules: ReadonlyMap<string, Rule>;
  /** By the key of the rule in hex; sequences. */
  #since = new Map<string, number>();
  #taking = new AbortController();
  #taken: Promise<void> = Promise.resolve();
  #remove: (() => void) | undefined;

  constructor(parts: OwnSyncRulesParts) {
    this.#parts = parts;
    this.#rules = rulesOf(parts.rules);
  }

  async start(): Promise<void> {
    if (this.#remove) return;
    const { index, documents } = this.#parts;
    const { data } = shape.safeParse(documents.all().get(DOCUMENT));
    // With a new index, and where an earlier release did not say, all of them are taken for old ones.
    const isKnown = data?.indexId === index.indexId;
    this.#since = new Map(
      isKnown ? Object.entries(data.since) : [...this.#rules.keys()].map((key) => [key, 0]),
    );
    if (!isKnown) this.#keep();
    this.#remove = index.events.on('ready', () => this.#takeUp());
    this.#takeUp();
  }

  async stop(): Promise<void> {
    this.#remove?.();
    this.#remove = undefined;
    this.#taking.abort();
    await this.#taken;
  }

  /** Takes up changed rules. */
  configure(rules: readonly RuleSettings[]): void {
    this.#rules = rulesOf(rules);
    if (!this.#remove) return;
    this.#takeUp();
    this.events.emit('changed');
  }

  /** What others are to be told now. */
  told(): readonly SyncRule[] {
    return [...this.#rules].flatMap(([key, rule]) => {
      const since = this.#since.get(key);
      return since === undefined ? [] : [{ key: rule.syncKey!, since }];
    });
  }

  /** Forgets what we have no more, and takes up what is new. */
  #takeUp(): void {
    const gone = [...this.#since.keys()].filter((key) => !this.#rules.has(key));
    for (const key of gone) this.#since.delete(key);
    if (gone.length > 0) this.#keep();
    this.#taking.abort();
    this.#taking = new AbortController();
    const added = [...this.#rules].filter(([key]) => !this.#since.has(key));
    // What was deleted while we did not run was deleted before, too.
    if (added.length === 0 || !this.#parts.isReady()) return;
    const { signal } = this.#taking;
    this.#taken = this.#taken.then(() => this.#add(new Map(added), signal));
  }

  async #add(added: ReadonlyMap<string, Rule>, signal: AbortSignal): Promise<void> {
    const { index, clock } = this.#parts;
    while (!signal.aborted) {
      try {
        await this.#disown([...added.values()], signal);
        if (signal.aborted) return;
        for (const key of added.keys()) this.#since.set(key, index.sequence);
        this.#keep();
        this.events.emit('changed');
        return;
      } catch (error) {
        if (!(error instanceof SqliteError)) throw error;
        await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  async #disown(rules: readonly Rule[], signal: AbortSignal): Promise<void> {
    const { index, ownEntries, clock } = this.#parts;
    let deleted: RelativePath[] = [];
    let count = 0;
    for (const entry of ownEntries()) {
      if (entry.deleted && rules.some((rule) => rule.covers(entry.path))) deleted.push(entry.path);
      count += 1;
      if (count % TURN > 0) continue;
      index.disown(deleted);
      deleted = [];
      await clock.sleep(0, signal).catch(() => undefined);
      if (signal.aborted) return;
    }
    index.disown(deleted);
  }

  #keep(): void {
    const { documents, index } = this.#parts;
    const since = Object.fromEntries(this.#since);
    documents.write([[DOCUMENT, { indexId: index.indexId, since }]]);
  }
}

function rulesOf(settings: readonly RuleSettings[]): ReadonlyMap<string, Rule> {
  const rules = new Map<string, Rule>();
  for (const one of settings) {
    const rule = new Rule(one);
    if (rule.syncKey && rules.size < MAX_SYNC_RULES)
      rules.set(Buffer.from(rule.syncKey).toString('hex'), rule);
  }
  return rules;
}
