import type { ClassicPeer, ClassicPeers } from '../catalogue/classic-peers.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Clock } from '../core/clock.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { isGlob } from '../model/glob.ts';
import { pathProblem, type RelativePath } from '../model/relative-path.ts';
import type { RuleSettings } from '../config/settings.ts';
import { Rule } from '../sync/rule.ts';
import type { Downloads } from './downloads.ts';

export interface ClassicRulesParts {
  readonly classicPeers: ClassicPeers;
  readonly index: LocalIndex;
  readonly downloads: Pick<Downloads, 'requestClassic'>;
  readonly rules: readonly RuleSettings[];
  readonly clock: Clock;
}

/** Fetches what rules name literally from classic peers, which can be asked for names but not for lists. */
export class ClassicRules implements Startable {
  readonly #parts: ClassicRulesParts;
  #rules: readonly Rule[];
  #removeListener: (() => void) | undefined;

  constructor(parts: ClassicRulesParts) {
    this.#parts = parts;
    this.#rules = parts.rules.map((settings) => new Rule(settings));
  }

  async start(): Promise<void> {
    this.#removeListener ??= this.#parts.classicPeers.events.on('found', (...found) => this.#fetch(...found));
    this.#watch();
  }

  async stop(): Promise<void> {
    this.#removeListener?.();
    this.#removeListener = undefined;
  }

  configure(rules: readonly RuleSettings[]): void {
    this.#rules = rules.map((settings) => new Rule(settings));
    this.#watch();
  }

  #watch(): void {
    const names = this.#rules.flatMap(({ settings }) => settings.match.filter(isLiteral));
    void this.#parts.classicPeers.watch([...new Set(names)]);
  }

  #fetch({ host, port }: ClassicPeer, name: string): void {
    const path = name.normalize('NFC') as RelativePath;
    if (pathProblem(path) !== undefined) return;
    const { index, downloads, clock } = this.#parts;
    const rule = this.#rules.find(({ settings: { match, from } }) => {
      return (
        match.includes(name) && (from.length === 0 || from.includes(host) || from.includes(`${host}:${port}`))
      );
    });
    const target = rule?.targetOf({ path, mtimeUs: clock.now() * 1000 }, { name: host });
    if (!rule || target === undefined || index.get(target)?.deleted === false) return;
    downloads.requestClassic({ host, port, name, target, reason: 'rule', ruleId: rule.settings.id });
  }
}

function isLiteral(pattern: string): boolean {
  return !pattern.startsWith('!') && !isGlob(pattern);
}
