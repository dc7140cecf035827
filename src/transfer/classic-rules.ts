import type { ClassicPeer, ClassicPeers } from '../catalogue/classic-peers.ts';
import type { RuleSettings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { isGlob } from '../model/glob.ts';
import { pathProblem, type RelativePath } from '../model/relative-path.ts';
import { RuleSet } from '../sync/rule.ts';
import type { Rule } from '../sync/rule.ts';
import type { ClassicSource } from './download.ts';
import type { Downloads } from './downloads.ts';

export interface ClassicRulesParts {
  readonly classicPeers: ClassicPeers;
  readonly index: Pick<LocalIndex, 'get'>;
  readonly downloads: Pick<Downloads, 'requestClassic' | 'followRule' | 'ofRules'>;
  readonly rules: readonly RuleSettings[];
  readonly clock: Clock;
}

/** Fetches what rules name literally from classic peers, which can be asked for names but not for lists. */
export class ClassicRules implements Startable {
  readonly #parts: ClassicRulesParts;
  #rules: RuleSet;
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
    for (const { handle, classic, target } of downloads.ofRules()) {
      if (!classic) continue;
      const rule = this.#ruleFor(classic);
      const isPlacedThere = rule?.sourceOf(target) === pathOf(classic);
      downloads.followRule(handle.id, isPlacedThere ? rule.settings : undefined);
    }
  }

  #fetch({ host, port }: ClassicPeer, name: string): void {
    const source = { host, port, name };
    const path = pathOf(source);
    if (pathProblem(path) !== undefined) return;
    const { index, downloads, clock } = this.#parts;
    const rule = this.#ruleFor(source);
    const target = rule?.targetOf({ path, mtimeUs: clock.now() * 1000 }, { name: host });
    if (!rule || target === undefined || index.get(target)?.deleted === false) return;
    downloads.requestClassic({ ...source, target, reason: 'rule', rule: rule.settings });
  }

  /** The first that names it and follows the peer. */
  #ruleFor({ host, port, name }: ClassicSource): Rule | undefined {
    return this.#rules.rules.find(({ settings: { match, from } }) => {
      const isFollowed = from.length === 0 || from.includes(host) || from.includes(`${host}:${port}`);
      return isFollowed && match.includes(name);
    });
  }
}

function isLiteral(pattern: string): boolean {
  return !pattern.startsWith('!') && !isGlob(pattern);
}

function pathOf({ name }: ClassicSource): RelativePath {
  return name.normalize('NFC') as RelativePath;
}
