import type { Catalogue } from '../catalogue/catalogue.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { parentPath } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { VersionVector } from '../model/version-vector.ts';
import type { Decision } from '../sync/decide.ts';
import { versionThere } from '../sync/plan.ts';
import type { Proposal } from '../sync/plan.ts';
import { isFinal } from './disk-trouble.ts';
import type { DownloadView } from './download.ts';
import { DownloadLookup } from './download-lookup.ts';
import type { DownloadRequest } from './download-request.ts';
import { isActive, type DownloadState } from './download-state.ts';
import type { DownloadHandle } from './download-telling.ts';
import type { Downloads } from './downloads.ts';
import { textOfVersion } from './version-text.ts';

export interface RuleDownloadParts {
  readonly downloads: Pick<Downloads, 'request' | 'resume' | 'followRule' | 'ofRules'>;
  readonly catalogue: Pick<Catalogue, 'at'>;
  readonly index: { get(path: RelativePath): FileEntry | undefined };
  /** The download of what peers call `path` is over. */
  readonly finished: (path: RelativePath) => void;
}

/** There may be hundreds of thousands. */
interface Wanted {
  /** Of the download. */
  readonly id: string;
  /** What peers call it. */
  readonly path: RelativePath;
  readonly target: RelativePath;
  /** Of the rule by which it is wanted; undefined while that is not known. */
  ruleId: string | undefined;
  /** As `textOfVersion` writes it. */
  readonly version: string;
  /** Of ours, when it was asked for. */
  readonly ours: string | undefined;
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
  readonly #wanted = new DownloadLookup<Wanted>();
  /** Of downloads that are not over, by their id: the same content may be asked for under several paths. */
  readonly #byId = new DownloadLookup<Wanted>();
  /** What has failed in a way that asking again would not change. */
  readonly #hopeless = new Set<Wanted>();
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
      const { path } = content;
      this.#follow({
        id: handle.id,
        path,
        target,
        ruleId: undefined,
        version: textOfVersion(content.version),
        ours: undefined,
        isLeft: true,
        isAlone: false,
        end: undefined,
      });
      return path;
    });
  }

  /** Whether this has been asked for already and nothing has changed since: then asking again brings nothing new. */
  isAsked(path: RelativePath, { target, entry }: Bringing): boolean {
    const wanted = this.#lastFor(path, target);
    if (!wanted || wanted.isLeft || !isVersion(entry.version, wanted.version)) return false;
    return isVersion(this.#parts.index.get(target)?.version, wanted.ours);
  }

  /** A download has changed. */
  changed(handle: Pick<DownloadHandle, 'id' | 'state' | 'view'>): void {
    if (isActive(handle.state)) return;
    const wanted = this.#byId.get(handle.id);
    if (wanted.length === 0) return;
    const download = handle.view();
    for (const one of wanted) this.#ended(one, download);
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
    this.#follow({
      id: handle.id,
      path,
      target,
      ruleId: id,
      version: textOfVersion(entry.version),
      ours: ours && textOfVersion(ours),
      isLeft: false,
      isAlone: claims === 1,
      end: undefined,
    });
  }

  /** What peers call what is being brought here, whether any rule is about it now or not. */
  *paths(): Generator<RelativePath> {
    for (const path of [...this.#wanted.keys()] as RelativePath[]) if (this.isUnderWay(path)) yield path;
  }

  /**
   * Gives up what was asked for as `path` and no rule puts there any more, or is neither wanted any more nor to be had
   * anywhere. The rest goes by what its rule says now.
   */
  retain(path: RelativePath, proposals: readonly Proposal[]): void {
    for (const wanted of this.#wanted.get(path)) {
      const proposal = proposals.find(
        ({ decision }) => isBringing(decision) && decision.target === wanted.target,
      );
      if (proposal?.claims !== 1 || !isVersion(versionThere(proposal), wanted.version))
        wanted.isAlone = false;
      if (!wanted.end && !this.#followRule(wanted, proposals)) continue;
      if (proposal && wanted === this.#lastFor(path, wanted.target)) continue;
      const isOffered = proposals.length > 0 && this.#isOffered(wanted);
      // What a person has cancelled stays so while its sources come and go.
      if (isOffered && (!wanted.end || wanted.end === 'cancelled')) continue;
      // Once it is wanted again, what it failed for may have gone.
      if (this.#hopeless.has(wanted)) this.#retried.add(wanted.id);
      this.#forget(wanted);
      if (!wanted.end && !this.#isWanted(wanted.id)) this.#parts.downloads.followRule(wanted.id, undefined);
    }
  }

  /** Whether what peers call `path` is being brought to `target`, or to any. */
  isUnderWay(path: RelativePath, target?: RelativePath): boolean {
    const isThere = (one: Wanted) => target === undefined || one.target === target;
    return this.#wanted.get(path).some((one) => isThere(one) && !one.end);
  }

  /** What failed, at `place` or below it or anywhere, is asked for once more if it is still wanted. */
  retry(place?: RelativePath): void {
    for (const wanted of [...this.#hopeless]) {
      const { path, target } = wanted;
      if (place !== undefined && target !== place && !target.startsWith(`${place}/`)) continue;
      this.#forget(wanted);
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
  #followRule(wanted: Wanted, proposals: readonly Proposal[]): boolean {
    const { downloads } = this.#parts;
    const folder = parentPath(wanted.target);
    const rules = proposals
      .filter(({ target }) => parentPath(target) === folder)
      .map(({ rule }) => rule.settings);
    const rule = rules.find(({ id }) => id === wanted.ruleId) ?? rules[0];
    if (!rule) {
      this.#forget(wanted);
      if (!this.#isWanted(wanted.id)) downloads.followRule(wanted.id, undefined);
      return false;
    }
    wanted.ruleId = rule.id;
    downloads.followRule(wanted.id, rule);
    return true;
  }

  #lastFor(path: RelativePath, target: RelativePath): Wanted | undefined {
    return this.#wanted.get(path).findLast((one) => one.target === target);
  }

  #follow(wanted: Wanted): void {
    const isOther = (one: Wanted) => one.target !== wanted.target || (one.id !== wanted.id && !one.end);
    for (const one of this.#wanted.get(wanted.path)) if (!isOther(one)) this.#forget(one);
    this.#wanted.add(wanted.path, wanted);
    this.#byId.add(wanted.id, wanted);
  }

  #ended(wanted: Wanted, { state, error, reason }: DownloadView): void {
    wanted.end = state;
    this.#byId.delete(wanted.id, wanted);
    // Asking again would end in the same way.
    const isHopeless = error !== null && (isFinal(error) || error.code === 'PATH_INVALID');
    if (state === 'failed' && !isHopeless) {
      this.#forget(wanted);
      this.#failed.add(wanted.path);
    } else if (state === 'failed' && this.#isKnown(wanted)) this.#hopeless.add(wanted);
    if (state !== 'done') return;
    const isAll = this.#isKnown(wanted) && this.#isAll(wanted);
    // What a person asked for as well has come beside ours, where a rule settles the two: that is still to be done.
    if (isAll || reason === 'person') this.#forget(wanted);
    if (!isAll) this.#parts.finished(wanted.path);
  }

  #isWanted(id: string): boolean {
    return this.#byId.get(id).some((wanted) => this.#isKnown(wanted));
  }

  #isOffered({ path, version }: Wanted): boolean {
    return this.#parts.catalogue
      .at(path)
      .some(({ entry }) => !entry.deleted && isVersion(entry.version, version));
  }

  #isAll({ isAlone, target, version }: Wanted): boolean {
    return isAlone && isVersion(this.#parts.index.get(target)?.version, version);
  }

  #isKnown(wanted: Wanted): boolean {
    return this.#wanted.get(wanted.path).includes(wanted);
  }

  #forget(wanted: Wanted): void {
    this.#hopeless.delete(wanted);
    this.#wanted.delete(wanted.path, wanted);
  }
}

function isVersion(version: VersionVector | undefined, text: string | undefined): boolean {
  return (version && textOfVersion(version)) === text;
}
