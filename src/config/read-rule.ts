import { createHash } from 'node:crypto';
import { compileGlob } from '../model/glob.ts';
import { pathProblem } from '../model/relative-path.ts';

const MAX_PATTERNS = 1000;
const MAX_NAMES = 1000;
const MAX_NAME = 255;

/** One pattern or a list of them, at least one of which does not exclude. */
export function readPatterns(value: unknown): string[] | undefined {
  const patterns = readTexts(value, MAX_PATTERNS);
  if (!patterns?.some((pattern) => !pattern.startsWith('!'))) return undefined;
  return patterns.every(isPattern) ? patterns : undefined;
}

/** One device name or id, or a list of them. */
export function readDevices(value: unknown): string[] | undefined {
  const names = readTexts(value, MAX_NAMES)?.map((name) => name.trim());
  return names?.every((name) => name.length > 0 && name.length <= MAX_NAME) ? names : undefined;
}

/** A folder inside the shared one, where `{peer}`, at most once in a name, and `{date}` stand for a valid name each. */
export function readInto(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const folder = value.normalize('NFC').replace(/\/$/, '');
  // Between several of them in one name, every way of sharing it out would have to be tried.
  if (folder.split('/').some((name) => name.split('{peer}').length > 2)) return undefined;
  const filledIn = folder.replace(/\{(peer|date)\}/g, 'x');
  return /[{}]/.test(filledIn) || pathProblem(filledIn) !== undefined ? undefined : folder;
}

/** The id of a rule: a function of what it selects and where that goes, not of its place among the others. */
export function ruleId(rule: {
  match: readonly string[];
  from: readonly string[];
  into: string | undefined;
  mode: string;
}): string {
  const identity = JSON.stringify([rule.match, rule.from, rule.into ?? null, rule.mode]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 12);
}

function readTexts(value: unknown, limit: number): string[] | undefined {
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  if (texts.length === 0 || texts.length > limit) return undefined;
  return texts.every((text) => typeof text === 'string') ? texts : undefined;
}

function isPattern(pattern: string): boolean {
  try {
    compileGlob(pattern.replace(/^!/, ''));
    return true;
  } catch {
    return false;
  }
}
