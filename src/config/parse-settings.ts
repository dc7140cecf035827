import { dirname, join, resolve } from 'node:path';
import type { ConfigProblem } from './config-problem.ts';
import { expandHome } from './home-folder.ts';
import { KNOWN_KEYS, knownKeysAt } from './known-keys.ts';
import { nearestWord } from '../language/nearest-word.ts';
import { ruleId } from './read-rule.ts';
import { configSchema, type Config } from './schema.ts';
import type { RuleSettings, ScheduledLimit, Settings } from './settings.ts';
import { readTimeWindow } from './time-window.ts';
import { YamlSource, type Path } from './yaml-source.ts';
import { DEFAULT_PORT } from './peer-address.ts';

/** What the config does not say itself. */
export interface SettingsContext {
  /** The config file, absolute; relative paths in it start from its folder. */
  readonly file: string;
  readonly hostname: string;
  /** The language when the config names none. */
  readonly language: 'es' | 'en';
}

const DAY_MS = 86_400_000;
const SHOWN = 60;
const FALLBACK_NAME = 'compartidos';

/** The settings that `text` makes, or all that is wrong with it, in the order of the file. Never throws. */
export function parseSettings(
  text: string,
  context: SettingsContext,
): { readonly settings: Settings } | { readonly problems: readonly ConfigProblem[] } {
  const source = new YamlSource(text);
  if (source.problems.length > 0) return { problems: source.problems };
  const parsed = configSchema.safeParse(source.value ?? {});
  const issues = parsed.success ? [] : parsed.error.issues;
  const problems = [
    ...issues.flatMap((issue) => problemsOfIssue(issue, source)),
    ...scheduleProblems(source),
  ];
  if (problems.length > 0 || !parsed.success) return { problems: problems.sort(byPosition) };
  return { settings: complete(parsed.data, context) };
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: Path;
  readonly message: string;
  readonly keys?: readonly string[];
}

function problemsOfIssue(issue: Issue, source: YamlSource): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => unknownKey([...issue.path, key], source));
  }
  const [expected, choices] = issue.message.split(/:(.*)/s);
  const value = valueAt(source.value, issue.path);
  const isMissing = value === undefined || value === null;
  const key = keyName(issue.path);
  return [
    {
      ...source.positionOf(issue.path),
      ...(key === ''
        ? { problem: 'wrong-document' }
        : { problem: isMissing ? 'no-value' : 'wrong-value', key }),
      expected: expected!,
      ...(choices === undefined ? {} : { choices }),
      got: shown(value),
    },
  ];
}

function unknownKey(path: Path, source: YamlSource): ConfigProblem {
  const word = String(path.at(-1));
  const around = path.slice(0, -1);
  const below = knownKeysAt(around);
  const siblings = [...new Set(below.map((key) => key.replace(/[.[].*$/, '')))];
  const nearest = nearestWord(word, [...siblings, ...below]) ?? nearestWord(word, KNOWN_KEYS);
  const place = { ...source.positionOfKey(path), key: keyName(path).slice(0, SHOWN * 2) };
  if (nearest === undefined) {
    return { ...place, problem: 'unknown-key', choices: siblings.join(', ') };
  }
  return { ...place, problem: 'unknown-key-near', nearest };
}

/** Found whatever else is wrong: the schema does not look at the keys. */
function scheduleProblems(source: YamlSource): ConfigProblem[] {
  const schedule = valueAt(source.value, ['limits', 'schedule']);
  if (typeof schedule !== 'object' || schedule === null || Array.isArray(schedule)) return [];
  return Object.keys(schedule)
    .filter((key) => readTimeWindow(key) === undefined)
    .map((key) => ({
      ...source.positionOfKey(['limits', 'schedule', key]),
      problem: 'wrong-value',
      key: 'limits.schedule',
      expected: 'window',
      got: shown(key),
    }));
}

function complete(config: Config, context: SettingsContext): Settings {
  const base = dirname(context.file);
  const { discovery, limits, trash, log } = config;
  return {
    name: config.name ?? defaultName(context.hostname),
    folder: resolve(base, expandHome(config.folder ?? 'compartidos')),
    stateFolder: join(base, '.compartidos'),
    port: config.port ?? DEFAULT_PORT,
    language: config.language ?? context.language,
    access: config.access ?? 'open',
    classic: config.classic ?? true,
    discovery: {
      mdns: discovery?.mdns ?? true,
      peers: (discovery?.peers ?? []).filter((peer) => peer !== null && peer !== undefined),
      queryIntervalMs: discovery?.query_interval ?? 30_000,
    },
    rules: completeRules(config.rules ?? []),
    limits: {
      downloads: limits?.downloads ?? 16,
      downloadsPerPeer: limits?.downloads_per_peer ?? 8,
      down: limits?.down ?? undefined,
      up: limits?.up ?? undefined,
      perPeer: limits?.per_peer ?? undefined,
      schedule: Object.entries(limits?.schedule ?? {}).flatMap(([key, rate]): ScheduledLimit[] => {
        const window = readTimeWindow(key);
        return window && typeof rate === 'number' ? [{ ...window, rate }] : [];
      }),
    },
    durability: config.durability ?? 'full',
    minFree: config.min_free ?? 1e9,
    trash: { maxAgeMs: (trash?.days ?? 30) * DAY_MS, maxSize: trash?.max_size ?? 10e9 },
    log: { level: log?.level ?? 'info', maxSize: log?.max_size ?? 10e6, files: log?.files ?? 5 },
  };
}

function completeRules(rules: NonNullable<Config['rules']>): RuleSettings[] {
  const seen = new Map<string, number>();
  return rules.map((rule) => {
    const said = {
      match: rule.match,
      from: rule.from ?? [],
      into: rule.into ?? undefined,
      mode: rule.mode ?? ('fetch' as const),
    };
    const id = ruleId(said);
    const twins = seen.get(id) ?? 0;
    seen.set(id, twins + 1);
    return {
      ...said,
      id: twins === 0 ? id : `${id}-${twins + 1}`,
      maxSize: rule.max_size ?? undefined,
      priority: rule.priority ?? 0,
    };
  });
}

function defaultName(hostname: string): string {
  const parsed = configSchema.shape.name.safeParse(hostname.replace(/\.local\.?$/i, ''));
  return (parsed.success && parsed.data) || FALLBACK_NAME;
}

function keyName(path: Path): string {
  return path.reduce<string>(
    (name, key) =>
      typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`,
    '',
  );
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Readonly<Record<PropertyKey, unknown>>)[key]
        : undefined,
    value,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function byPosition(a: ConfigProblem, b: ConfigProblem): number {
  return a.line - b.line || a.column - b.column;
}
