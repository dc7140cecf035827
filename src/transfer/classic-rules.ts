import type { ClassicPeer, ClassicPeers } from '../catalogue/classic-peers.ts';
import type { RuleSettings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { isGlob } from '../model/glob.ts';
import { pathProblem, type RelativePath } from '../model/relative-path.ts';
import { RuleSet } from '../sync/rule.ts';
import type { Rule } from '../sync/rule.ts';
import type { ClassicSource } from './download-order.ts';
import type { DownloadHandle } from './download-telling.ts';
import type { Downloads } from './downloads.ts';

export interface ClassicRulesParts {
  readonly classicPeers: ClassicPeers;
  readonly index: Pick<LocalIndex, 'get'>;
  readonly downloads: Pick<Downloads, 'requestClassic' | 'followRule' | 'ofRules'>;
  readonly rules: readonly RuleSettings[];
  readonly clock: Clock;
}

interface Asked {
  readonly id: string;
  readonly source: ClassicSource;
  /** By a person: it is not asked for again. */
  isCancelled: boolean;
}

/** Fetches what rules name literally from classic peers, which can be asked for names but not for lists. */
export class ClassicRules implements Startable {
  readonly #parts: ClassicRulesParts;
  #rules: RuleSet;
  /** By target. What has come, or has failed, is not in it. */
  readonly #asked = new Map<RelativePath, Asked>();
  /** Bytes that files are known to exceed, by source: no rule with such a limit asks for them again. */
  readonly #exceeded = new Map<string, number>();
  #removeListener: (() => void) | undefined;

  constructor(parts: ClassicRulesParts) {
    this.#parts = parts;
    this.#rules = new RuleSet(parts.rules);
  }

  async start(): Promise<void> {
    this.#removeListener ??= this.#parts.classicPeers.events.on('found', (...found) => this.#fetch(...found));
    this.#retain();
    this.#watch();
  }

  async stop(): Promise<void> {
    this.#removeListener?.();
    this.#removeListener = undefined;
  }

  configure(rules: readonly RuleSettings[]): void {
    this.#rules = new RuleSet(rules);
    this.#retain();
    this.#watch();
  }

  #watch(): void {
    const names = this.#rules.rules.flatMap(({ settings }) => settings.match.filter(isLiteral));
    void this.#parts.classicPeers.watch([...new Set(names)]);
  }

  /** Gives up what no rule puts there any more. The rest goes by what its rule says now. */
  #retain(): void {
    const { downloads } = this.#parts;
    for (const [target, { source }] of this.#asked) {
      if (!this.#ruleThatPuts(source, target)) this.#asked.delete(target);
    }
    for (const { handle, classic, target } of downloads.ofRules()) {
      if (classic) downloads.followRule(handle.id, this.#ruleThatPuts(classic, target)?.settings);
    }
  }

  #fetch({ host, port }: ClassicPeer, name: string): void {
    const source = { host, port, name };
    const path = pathOf(source);
    if (pathProblem(path) !== undefined) return;
    const { downloads, clock } = this.#parts;
    const rule = this.#ruleFor(source);
    const target = rule?.targetOf({ path, type: 'file', mtimeUs: clock.now() * 1000 }, { name: host });
    if (!rule || target === undefined || !this.#isWanted(target, rule)) return;
    const request = { ...source, target, reason: 'rule' as const, rule: rule.settings };
    this.#follow(source, target, downloads.requestClassic(request));
  }

  /** No version says whether what was deleted here is still the same there. */
  #isWanted(target: RelativePath, { settings: { mode } }: Rule): boolean {
    if (this.#asked.get(target)?.isCancelled) return false;
    const ours = this.#parts.index.get(target);
    // What has no version was withdrawn, not deleted.
    return !ours || (ours.deleted && (mode === 'mirror' || ours.version.length === 0));
  }

  #follow(source: ClassicSource, target: RelativePath, { id, finished }: DownloadHandle): void {
    if (this.#asked.get(target)?.id === id) return;
    const asked = { id, source, isCancelled: false };
    this.#asked.set(target, asked);
    void finished.then(({ state, error }) => {
      if (error?.code === 'OVER_MAX_SIZE') this.#exceeded.set(keyOf(source), Number(error.params['allowed']));
      if (this.#asked.get(target) !== asked) return;
      if (state === 'cancelled') asked.isCancelled = true;
      else this.#asked.delete(target);
    });
  }

  #ruleThatPuts(source: ClassicSource, target: RelativePath): Rule | undefined {
    const rule = this.#ruleFor(source);
    return rule?.sourceOf(target) === pathOf(source) ? rule : undefined;
  }

  /** The first that matches it, follows the peer and may take as much, as far as that is known. */
  #ruleFor(source: ClassicSource): Rule | undefined {
    const names = classicNames(source);
    const exceeded = this.#exceeded.get(keyOf(source));
    const least = exceeded === undefined ? 0 : exceeded + 1;
    return this.#rules.rules.find((rule) => {
      const { from } = rule.settings;
      const isFollowed = from.length === 0 || names.some((name) => from.includes(name));
      return isFollowed && rule.allows(least) && rule.matches(pathOf(source));
    });
  }
}

/** What a rule's `from` may call a classic peer. */
export function classicNames({ host, port }: Pick<ClassicSource, 'host' | 'port'>): readonly string[] {
  return [host, `${host}:${port}`];
}

function isLiteral(pattern: string): boolean {
  return !pattern.startsWith('!') && !isGlob(pattern);
}

function keyOf({ host, port, name }: ClassicSource): string {
  return `${host} ${port} ${name}`;
}

function pathOf({ name }: ClassicSource): RelativePath {
  return name.normalize('NFC') as RelativePath;
}
