import type { Catalogue } from '../catalogue/catalogue.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { parentPath } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions } from '../model/version-vector.ts';
import type { VersionVector } from '../model/version-vector.ts';
import type { Decision } from '../sync/decide.ts';
import { versionThere } from '../sync/plan.ts';
import type { Proposal } from '../sync/plan.ts';
import { isFinal } from './disk-trouble.ts';
import type { DownloadRequest } from './download-request.ts';
import type { DownloadState } from './download-state.ts';
import type { DownloadHandle } from './download-telling.ts';
import type { Downloads } from './downloads.ts';

export interface RuleDownloadParts {
  readonly downloads: Pick<Downloads, 'request' | 'resume' | 'followRule' | 'ofRules'>;
  readonly catalogue: Pick<Catalogue, 'at'>;
  readonly index: { get(path: RelativePath): FileEntry | undefined };
  /** The download of what peers call `path` is over. */
  readonly finished: (path: RelativePath) => void;
}

interface Wanted {
  readonly id: string;
  readonly target: RelativePath;
  /** Of the rule by which it is wanted; undefined while that is not known. */
  ruleId: string | undefined;
  readonly version: VersionVector;
  /** Of ours, when it was asked for. */
  readonly ours: VersionVector | undefined;
  /** By an earlier process: who wants it now is to ask again. */
  readonly isLeft: boolean;
  /** Only one peer speaks of it, and says the same still: when it came as it was asked for, nothing is left to decide. */
  isAlone: boolean;
  /** How it ended, when it has. */
  end: DownloadState | undefined;
}

type Bringing = Extract<Decision, { type: 'fetch' | 'conflict' }>;

/** Whether it takes a download to do that. */
export function isBringing(decision: Decision): decision is Bringing {
  return decision.type === 'fetch' || decision.type === 'conflict';
}

/** What the rules have asked for, and what became of it. */
export class RuleDownloads {
  readonly #parts: RuleDownloadParts;
  /** By the path at the peers. For each target the last is what is wanted now; others were, in versions before. */
  readonly #wanted = new Map<RelativePath, readonly Wanted[]>();
  /** What has failed in a way that asking again would not change, by what peers call it. */
  readonly #hopeless = new Map<Wanted, RelativePath>();
  /** What else has failed, by what peers call it: what was wrong may be mended by and by. */
  readonly #failed = new Set<RelativePath>();
  /** Downloads that failed and get another chance if they are still wanted. */
  readonly #retried = new Set<string>();

  constructor(parts: RuleDownloadParts) {
    this.#parts = parts;
  }

  /** Takes up what an earlier process had asked for; returns the paths, each of which is to be looked at. */
  takeUp(): RelativePath[] {
    return this.#parts.downloads.ofRules().flatMap(({ handle, content, target }) => {
      if (!content) return [];
      const { path, version } = content;
      const common = { ruleId: undefined, ours: undefined, isLeft: true, isAlone: false, end: undefined };
      this.#follow(path, { id: handle.id, target, version, ...common }, handle);
      return path;
    });
  }

  /** Whether this has been asked for already and nothing has changed since: then asking again brings nothing new. */
  isAsked(path: RelativePath, { target, entry }: Bringing): boolean {
    const wanted = this.#lastFor(path, target);
    if (!wanted || wanted.isLeft || !isEqual(wanted.version, entry.version)) return false;
    return isEqual(wanted.ours, this.#parts.index.get(target)?.version);
  }

  /** How the download of what has been asked for ended, if it is not here and is not asked for again by itself. */
  failureOf(path: RelativePath, bringing: Bringing): 'failed' | 'cancelled' | undefined {
    if (!this.isAsked(path, bringing)) return undefined;
    const end = this.#lastFor(path, bringing.target)?.end;
    return end === 'failed' || end === 'cancelled' ? end : undefined;
  }

  /** What is asked already is not to be asked again. */
  ask({ rule, path, claims }: Proposal, bringing: Bringing): void {
    const { entry, sources, target } = bringing;
    const { id, mode, priority } = rule.settings;
    const request: DownloadRequest = {
      path,
      content: entry,
      devices: sources,
      target,
      reason: 'rule',
      ruleId: id,
      mode,
      priority,
    };
    const { downloads } = this.#parts;
    let handle = downloads.request(request);
    if (this.#retried.delete(handle.id)) {
      void downloads.resume([handle.id]);
      handle = downloads.request(request);
    }
    const ours = this.#parts.index.get(target)?.version;
    const wanted: Wanted = {
      id: handle.id,
      target,
      ruleId: id,
      version: entry.version,
      ours,
      isLeft: false,
      isAlone: claims === 1,
      end: undefined,
    };
    this.#follow(path, wanted, handle);
  }

  /** What peers call what is being brought here, whether any rule is about it now or not. */
  *paths(): Generator<RelativePath> {
    for (const path of [...this.#wanted.keys()]) if (this.isUnderWay(path)) yield path;
  }

  /**
   * Gives up what was asked for as `path` and no rule puts there any more, or is neither wanted any more nor to be had
   * anywhere. The rest goes by what its rule says now.
   */
  retain(path: RelativePath, proposals: readonly Proposal[]): void {
    const ofPath = this.#wanted.get(path);
    if (!ofPath) return;
    for (const wanted of ofPath) {
      const proposal = proposals.find(
        ({ decision }) => isBringing(decision) && decision.target === wanted.target,
      );
      if (proposal?.claims !== 1 || !isEqual(versionThere(proposal), wanted.version)) wanted.isAlone = false;
      if (!wanted.end && !this.#followRule(path, wanted, proposals)) continue;
      if (proposal && wanted === this.#lastFor(path, wanted.target)) continue;
      if (wanted.end) this.#forget(path, wanted);
      else if (!this.#isOffered(path, wanted.version)) {
        this.#forget(path, wanted);
        if (!this.#isWanted(wanted.id)) this.#parts.downloads.followRule(wanted.id, undefined);
      }
    }
  }

  /** Whether what peers call `path` is being brought to `target`, or to any. */
  isUnderWay(path: RelativePath, target?: RelativePath): boolean {
    const isThere = (one: Wanted) => target === undefined || one.target === target;
    return this.#wanted.get(path)?.some((one) => isThere(one) && !one.end) === true;
  }

  /** What failed, at `place` or below it or anywhere, is asked for once more if it is still wanted. */
  retry(place?: RelativePath): void {
    for (const [wanted, path] of [...this.#hopeless]) {
      const { target } = wanted;
      if (place !== undefined && target !== place && !target.startsWith(`${place}/`)) continue;
      this.#forget(path, wanted);
      this.#retried.add(wanted.id);
      this.#parts.finished(path);
    }
  }

  /** What failed in a way that time may have mended is asked for once more if it is still wanted. */
  retryFailed(): void {
    const paths = [...this.#failed];
    this.#failed.clear();
    for (const path of paths) this.#parts.finished(path);
  }

  /** Returns whether there is still a rule for it. What stands against a file of ours is brought beside that. */
  #followRule(path: RelativePath, wanted: Wanted, proposals: readonly Proposal[]): boolean {
    const { downloads } = this.#parts;
    const folder = parentPath(wanted.target);
    const rules = proposals
      .filter(({ target }) => parentPath(target) === folder)
      .map(({ rule }) => rule.settings);
    const rule = rules.find(({ id }) => id === wanted.ruleId) ?? rules[0];
    if (!rule) {
      this.#forget(path, wanted);
      if (!this.#isWanted(wanted.id)) downloads.followRule(wanted.id, undefined);
      return false;
    }
    wanted.ruleId = rule.id;
    downloads.followRule(wanted.id, rule);
    return true;
  }

  #lastFor(path: RelativePath, target: RelativePath): Wanted | undefined {
    return this.#wanted.get(path)?.findLast((one) => one.target === target);
  }

  #follow(path: RelativePath, wanted: Wanted, { finished }: DownloadHandle): void {
    const isOther = (one: Wanted) => one.target !== wanted.target || (one.id !== wanted.id && !one.end);
    const before = this.#wanted.get(path) ?? [];
    const others = before.filter(isOther);
    for (const one of before) if (!isOther(one)) this.#hopeless.delete(one);
    this.#wanted.set(path, [...others, wanted]);
    void finished.then(({ state, error, reason }) => {
      wanted.end = state;
      // Asking again would end in the same way.
      const isHopeless = error !== null && (isFinal(error) || error.code === 'PATH_INVALID');
      if (state === 'failed' && !isHopeless) {
        this.#forget(path, wanted);
        this.#failed.add(path);
      } else if (state === 'failed' && this.#isKnown(path, wanted)) this.#hopeless.set(wanted, path);
      if (state !== 'done') return;
      const isAll = this.#isKnown(path, wanted) && this.#isAll(wanted);
      // What a person asked for as well has come beside ours, where a rule settles the two: that is still to be done.
      if (isAll || reason === 'person') this.#forget(path, wanted);
      if (!isAll) this.#parts.finished(path);
    });
  }

  /** The same content may be asked for under another path: a conflict copy that another device has made already. */
  #isWanted(id: string): boolean {
    for (const ofPath of this.#wanted.values()) {
      if (ofPath.some((wanted) => wanted.id === id && !wanted.end)) return true;
    }
    return false;
  }

  #isOffered(path: RelativePath, version: VersionVector): boolean {
    return this.#parts.catalogue
      .at(path)
      .some(({ entry }) => !entry.deleted && isEqual(entry.version, version));
  }

  #isAll({ isAlone, target, version }: Wanted): boolean {
    return isAlone && isEqual(this.#parts.index.get(target)?.version, version);
  }

  #isKnown(path: RelativePath, wanted: Wanted): boolean {
    return this.#wanted.get(path)?.includes(wanted) === true;
  }

  #forget(path: RelativePath, wanted: Wanted): void {
    this.#hopeless.delete(wanted);
    const others = this.#wanted.get(path)?.filter((one) => one !== wanted) ?? [];
    if (others.length > 0) this.#wanted.set(path, others);
    else this.#wanted.delete(path);
  }
}

function isEqual(a: VersionVector | undefined, b: VersionVector | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return compareVersions(a, b) === 'equal';
}
