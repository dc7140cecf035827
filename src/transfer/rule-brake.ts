import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Documents } from '../index/document-store.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions } from '../model/version-vector.ts';
import type { VersionVector } from '../model/version-vector.ts';
import { isTooMuchAtOnce } from '../sync/brake.ts';
import type { Rule } from '../sync/rule.ts';

export interface BrakeParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where stopped rules are kept between runs, by rule id. */
  readonly documents: Documents;
  /** How many of our files a rule is about. */
  readonly countFiles: (rule: Rule) => number;
}

/** A file of ours that a rule is about to delete or replace, and the version that brings it about. */
export interface Act {
  readonly target: RelativePath;
  readonly version: VersionVector;
}

/** A rule that was stopped. */
export interface StoppedRule {
  readonly id: string;
  /** Its patterns. */
  readonly rule: string;
  /** How many files it would have deleted or replaced. */
  readonly count: number;
}

/** What happens within so many ms happens at once. */
const WINDOW_MS = 60_000;

const shape = z.object({ rule: z.string(), count: z.number() });

/** Stops a rule that would delete or replace too many files at once, until a person says that it is right. */
export class RuleBrake {
  readonly #parts: BrakeParts;
  readonly #stopped = new Map<string, StoppedRule>();
  /** By rule: files that it has deleted or replaced, and when (monotonic ms). */
  readonly #recent = new Map<string, Map<RelativePath, number>>();
  /** By rule: files that a person has agreed to, and to which versions: not to what may become of them later. */
  readonly #agreed = new Map<string, Map<RelativePath, VersionVector>>();

  constructor(parts: BrakeParts) {
    this.#parts = parts;
    for (const [id, json] of parts.documents.all()) {
      const { data } = shape.safeParse(json);
      if (data) this.#stopped.set(id, { id, ...data });
    }
  }

  stopped(): StoppedRule[] {
    return [...this.#stopped.values()];
  }

  isStopped(rule: Rule): boolean {
    return this.#stopped.has(rule.settings.id);
  }

  /**
   * Whether `rule` may do `acts` now, where `waiting` more are about to be; else it is stopped. What
   * is allowed counts from now on.
   */
  allows(rule: Rule, acts: readonly Act[], waiting = 0): boolean {
    if (this.isStopped(rule)) return false;
    const { id, match } = rule.settings;
    const now = this.#parts.clock.monotonic();
    const recent = this.#recent.get(id) ?? new Map<RelativePath, number>();
    for (const [target, time] of recent) if (now - time > WINDOW_MS) recent.delete(target);
    const agreed = this.#agreed.get(id);
    const isAgreed = ({ target, version }: Act) => {
      const known = agreed?.get(target);
      return known !== undefined && compareVersions(known, version) === 'equal';
    };
    const unasked = acts.filter((act) => !isAgreed(act)).map(({ target }) => target);
    const count = new Set([...recent.keys(), ...unasked]).size + waiting;
    if (unasked.length > 0 && isTooMuchAtOnce(count, () => this.#parts.countFiles(rule))) {
      this.#stop({ id, rule: match.join(', '), count });
      return false;
    }
    for (const target of unasked) recent.set(target, now);
    for (const { target } of acts) agreed?.delete(target);
    if (recent.size > 0) this.#recent.set(id, recent);
    return true;
  }

  /** A person agrees to `acts` of the rule: it goes on. */
  release(id: string, acts: readonly Act[]): void {
    const stopped = this.#stopped.get(id);
    if (!stopped) return;
    this.#stopped.delete(id);
    this.#agreed.set(id, new Map(acts.map(({ target, version }) => [target, version])));
    this.#parts.documents.write([[id, undefined]]);
    this.#parts.logger.info('rule.released', { rule: stopped.rule });
  }

  /** Forgets all but these rules. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of [...this.#stopped.keys()].filter((one) => !ids.has(one))) {
      this.#stopped.delete(id);
      this.#parts.documents.write([[id, undefined]]);
    }
    for (const kept of [this.#recent, this.#agreed]) {
      for (const id of [...kept.keys()]) if (!ids.has(id)) kept.delete(id);
    }
  }

  #stop(stopped: StoppedRule): void {
    const { id, rule, count } = stopped;
    this.#stopped.set(id, stopped);
    this.#parts.documents.write([[id, { rule, count }]]);
    this.#parts.logger.warn('rule.stopped', { rule, count });
  }
}
