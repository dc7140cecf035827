import type { RuleSettings } from '../config/settings.ts';
import type { DeviceId } from '../model/device-id.ts';
import { idBeginsWith, isNamed } from '../model/device-naming.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { compileGlob } from '../model/glob.ts';
import type { Matcher } from '../model/glob.ts';
import { pathProblem } from '../model/relative-path.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { isoTime } from './iso-time.ts';
import { safeLabel } from './names.ts';
import { syncKey } from './sync-key.ts';

/** A device as a rule sees it. */
export interface RulePeer {
  readonly device: DeviceId;
  /** What it calls itself: not verified and not unique. */
  readonly name: string;
}

/** Characters of the beginning of an id that are enough to name a device. */
const MIN_ID_PREFIX = 4;
const DATE = String.raw`\d{4}-\d{2}-\d{2}`;

/** A rule of `config.yaml`, compiled. */
export class Rule {
  readonly settings: RuleSettings;
  /** By what others know that they sync by the same rule; undefined unless it syncs. See `sync-key`. */
  readonly syncKey: Uint8Array | undefined;
  /** Whether the rule is about a path as it is called at the peers. */
  readonly matches: Matcher;
  /** Paths that it puts files at; what it captures is their path at the peer. */
  readonly #placed: RegExp | undefined;

  /** @throws GLOB_INVALID */
  constructor(settings: RuleSettings) {
    this.settings = settings;
    this.syncKey = syncKey(settings);
    const patterns = settings.match.map((pattern) => ({
      excludes: pattern.startsWith('!'),
      matches: compileGlob(pattern.replace(/^!/, '')),
    }));
    const include = anyOf(patterns.filter(({ excludes }) => !excludes));
    const exclude = patterns.filter(({ excludes }) => excludes);
    this.matches = exclude.length === 0 ? include : butNot(include, anyOf(exclude));
    const { into } = settings;
    this.#placed = into === undefined ? undefined : new RegExp(`^${templatePattern(into)}/(.+)$`, 'su');
  }

  /** Whether the rule follows `peer`. */
  follows(peer: RulePeer): boolean {
    const { from } = this.settings;
    return from.length === 0 || from.some((text) => isNamedBy(peer, text));
  }

  /** Whether a file of `size` bytes is small enough. */
  allows(size: number): boolean {
    return this.settings.maxSize === undefined || size <= this.settings.maxSize;
  }

  /**
   * Where an entry of `peer` is to be here; undefined when it is to be nowhere, or that would be no valid path. `{peer}` is
   * what the device calls itself, made safe; `{date}` is the day of the file's own time in UTC, so that it stays where it is.
   */
  targetOf(
    { path, mtimeUs, type }: Pick<FileEntry, 'path' | 'mtimeUs' | 'type'>,
    peer: Pick<RulePeer, 'name'>,
  ): RelativePath | undefined {
    const { into } = this.settings;
    if (into === undefined) return path;
    // The time of a folder is not kept. Those that files are in are made for these.
    if (type === 'directory' && into.includes('{date}')) return undefined;
    const folder = into.replaceAll('{peer}', () => safeLabel(peer.name)).replaceAll('{date}', day(mtimeUs));
    const target = `${folder}/${path}`.normalize('NFC');
    return pathProblem(target) === undefined ? (target as RelativePath) : undefined;
  }

  /** What a file that is here as `path` is called at the peers; undefined when the rule puts nothing there. */
  sourceOf(path: RelativePath): RelativePath | undefined {
    if (!this.#placed) return path;
    const source = this.#placed.exec(path)?.[1];
    return source !== undefined && pathProblem(source) === undefined ? (source as RelativePath) : undefined;
  }

  /** Whether a file that is here as `path` is one of the rule's. */
  covers(path: RelativePath): boolean {
    const source = this.sourceOf(path);
    return source !== undefined && this.matches(source);
  }

  /**
   * The ends of `path` that the rule itself would put files at: a path at a peer with such an end may have come there
   * from here.
   */
  placedEndsOf(path: RelativePath): RelativePath[] {
    const placed = this.#placed;
    if (!placed) return [];
    const segments = path.split('/');
    return segments
      .map((_, index) => segments.slice(index).join('/') as RelativePath)
      .filter((end) => placed.test(end));
  }
}

/** All rules, in the order in which they are asked: higher priority first, then as they are written. */
export class RuleSet {
  readonly rules: readonly Rule[];

  /** @throws GLOB_INVALID */
  constructor(settings: readonly RuleSettings[]) {
    this.rules = settings
      .map((one) => new Rule(one))
      .sort((a, b) => b.settings.priority - a.settings.priority);
  }

  /** The first rule that is about this entry. */
  ruleFor({ path, size }: FileEntry, peer: RulePeer): Rule | undefined {
    return this.rules.find((rule) => rule.follows(peer) && rule.allows(size) && rule.matches(path));
  }

  /** All that are about files of this name, whatever their size: a tombstone has none. */
  rulesFor(path: RelativePath, peer: RulePeer): Rule[] {
    return this.rules.filter((rule) => rule.follows(peer) && rule.matches(path));
  }
}

/** Whether `text`, in a rule's `from`, means this device. */
export function isNamedBy({ device, name }: RulePeer, text: string): boolean {
  return isNamed(name, text) || idBeginsWith(device, text, MIN_ID_PREFIX);
}

function anyOf(patterns: readonly { readonly matches: Matcher }[]): Matcher {
  const [first] = patterns;
  if (first && patterns.length === 1) return first.matches;
  return (path) => patterns.some(({ matches }) => matches(path));
}

function butNot(include: Matcher, exclude: Matcher): Matcher {
  return (path) => include(path) && !exclude(path);
}

function templatePattern(into: string): string {
  return into
    .split(/(\{peer\}|\{date\})/)
    .map((part) => {
      if (part === '{peer}') return '[^/]+';
      return part === '{date}' ? DATE : part.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
    })
    .join('');
}

function day(us: number): string {
  return isoTime(us).slice(0, 10);
}
