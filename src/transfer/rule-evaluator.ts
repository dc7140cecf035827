import type { Catalogue, RemoteEntry } from '../catalogue/catalogue.ts';
import { isCompartidosError } from '../core/errors.ts';
import type { LocalIndex } from '../index/local-index.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions, lastChange } from '../model/version-vector.ts';
import { decide } from '../sync/decide.ts';
import type { Decision } from '../sync/decide.ts';
import type { Proposal } from '../sync/plan.ts';
import type { Rule, RuleSet } from '../sync/rule.ts';
import type { RuleTelling } from './rule-telling.ts';

export interface EvaluatorParts {
  readonly self: DeviceId;
  readonly catalogue: Pick<Catalogue, 'at' | 'nameOf' | 'isOnline'>;
  readonly index: Pick<LocalIndex, 'get' | 'withHash'>;
  /** Whether names like this are ignored here. */
  readonly ignores: (path: RelativePath, isFolder: boolean) => boolean;
  readonly telling: Pick<RuleTelling, 'syncs'>;
}

interface Candidate {
  readonly rule: Rule;
  readonly target: RelativePath;
  readonly claims: RemoteEntry[];
}

interface Place {
  readonly rule: Rule | undefined;
  readonly target: RelativePath | undefined;
}

const NOWHERE: Place = { rule: undefined, target: undefined };

/** Holds what is here and what peers have against the rules. Reads only. */
export class RuleEvaluator {
  readonly #parts: EvaluatorParts;
  #rules: RuleSet;

  constructor(parts: EvaluatorParts, rules: RuleSet) {
    this.#parts = parts;
    this.#rules = rules;
  }

  get rules(): readonly Rule[] {
    return this.#rules.rules;
  }

  configure(rules: RuleSet): void {
    this.#rules = rules;
  }

  /** Whether any rule is about what peers call `path`. */
  concerns(path: RelativePath): boolean {
    return this.rules.some((rule) => rule.matches(path));
  }

  /** What the rules make of what peers call `path`: one proposal for each name that it is to have here. */
  proposals(path: RelativePath): Proposal[] {
    return this.#candidates(path).map((candidate) => ({
      rule: candidate.rule,
      path,
      target: candidate.target,
      decision: this.#decide(candidate),
      claims: candidate.claims.length,
    }));
  }

  /** What the rules make of a file of ours. */
  proposalsFor(ours: FileEntry): Proposal[] {
    return this.sourcesOf(ours.path)
      .flatMap((source) => this.proposals(source))
      .filter(({ target }) => target === ours.path);
  }

  /** What a file that is here as `path` may be called at the peers. */
  sourcesOf(path: RelativePath): RelativePath[] {
    const sources: RelativePath[] = [];
    for (const rule of this.rules) {
      const source = rule.sourceOf(path);
      if (source !== undefined && !sources.includes(source) && rule.matches(source)) sources.push(source);
    }
    return sources;
  }

  #candidates(path: RelativePath): Candidate[] {
    const { catalogue, telling } = this.#parts;
    const candidates: Candidate[] = [];
    if (this.rules.length === 0) return candidates;
    for (const claim of catalogue.at(path)) {
      const { entry } = claim;
      const { rule, target } = entry.deleted ? this.#placeOfDeleted(claim) : this.#placeOf(claim);
      if (!rule || target === undefined) continue;
      // Who does not sync it may do without it: that is no deletion for those who do.
      const isSync = rule.settings.mode === 'sync';
      if (entry.deleted && isSync && !telling.syncs(claim.device, rule, entry.sequence)) continue;
      const known = candidates.find((one) => one.rule === rule && one.target === target);
      if (known) known.claims.push(claim);
      else candidates.push({ rule, target, claims: [claim] });
    }
    return candidates;
  }

  /** The rule that decides about what a device has, and where that is to be here. */
  #placeOf({ device, entry }: RemoteEntry): Place {
    const peer = { device, name: this.#parts.catalogue.nameOf(device) };
    const rule = this.#rules.ruleFor(entry, peer);
    return { rule, target: rule?.targetOf(entry, peer) };
  }

  /** The same of a tombstone, which has no size: the first rule that may have brought what is here. */
  #placeOfDeleted({ device, entry }: RemoteEntry): Place {
    const { catalogue, index } = this.#parts;
    const peer = { device, name: catalogue.nameOf(device) };
    const rules = this.#rules.rulesFor(entry.path, peer);
    // Whatever its size was: nothing goes beyond the first that has no limit.
    const unlimited = rules.findIndex(({ settings }) => settings.maxSize === undefined);
    const places = rules.slice(0, unlimited < 0 ? undefined : unlimited + 1).map((rule) => {
      const target = rule.targetOf(entry, peer);
      const ours = target === undefined ? undefined : index.get(target);
      return { rule, target, ours };
    });
    const allowed = places.filter(({ rule, ours }) => rule.allows(ours?.size ?? 0));
    return allowed.find(({ ours }) => ours?.deleted === false) ?? allowed[0] ?? NOWHERE;
  }

  /**
   * Whether a mirror brings something to `target`, which is then its own: `rule` would change it and the mirror would
   * change it back, for ever. Of two mirrors the first has it.
   */
  #isMirrored(target: RelativePath, rule: Rule): boolean {
    if (rule.settings.mode === 'fetch') return false;
    for (const other of this.rules) {
      if (other === rule) {
        if (rule.settings.mode === 'mirror') return false;
        continue;
      }
      if (other.settings.mode !== 'mirror') continue;
      const source = other.sourceOf(target);
      if (source === undefined || !other.matches(source)) continue;
      for (const claim of this.#parts.catalogue.at(source)) {
        const place = claim.entry.deleted ? undefined : this.#placeOf(claim);
        if (place?.rule === other && place.target === target) return true;
      }
    }
    return false;
  }

  #decide({ rule, target, claims }: Candidate): Decision {
    const { self, catalogue, index, ignores } = this.#parts;
    if (this.#isMirrored(target, rule)) return { type: 'none', why: 'mirrored' };
    if (ignores(target, claims[0]!.entry.type === 'directory')) return { type: 'none', why: 'ignored' };
    const mayReturn = rule.settings.into !== undefined;
    const news = mayReturn
      ? claims.filter(({ entry }) => entry.deleted || !this.#isFromHere(rule, entry))
      : claims;
    if (news.length === 0) return { type: 'none', why: 'from-here' };
    try {
      return decide({
        mode: rule.settings.mode,
        self,
        target,
        claims: news,
        at: (path) => index.get(path),
        isOnline: (device) => catalogue.isOnline(device),
        nameOf: (device) => catalogue.nameOf(device),
      });
    } catch (error) {
      if (isCompartidosError(error, 'PATH_INVALID')) return { type: 'none', why: 'no-name-left' };
      throw error;
    }
  }

  /**
   * Whether a rule that puts files into a folder would bring back what came from here: else two devices with such
   * rules would hand one file to and fro for ever, each time one folder deeper.
   */
  #isFromHere(rule: Rule, { path, version, hash }: FileEntry): boolean {
    const { self, index } = this.#parts;
    const { mode } = rule.settings;
    const isOurs = mode === 'fetch' && hash !== undefined && lastChange(version)?.device === self;
    if (isOurs && index.withHash(hash).length > 0) return true;
    return rule.placedEndsOf(path).some((end) => {
      const ours = index.get(end);
      if (!ours) return false;
      const order = compareVersions(ours.version, version);
      return order === 'equal' || order === 'newer';
    });
  }
}
