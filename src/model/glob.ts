import { CompartidosError } from '../core/errors.ts';
import { expandAlternatives } from './glob-alternatives.ts';
import { foldCase, GlobSegment } from './glob-segment.ts';
import { matchesWildcards } from './wildcards.ts';

/** Says whether a path, in NFC, matches; the time it takes is bounded by pattern times path. */
export type Matcher = (path: string) => boolean;

/** UTF-16 units; a longer pattern is refused, so that compiling one is cheap. */
export const MAX_GLOB_LENGTH = 1024;

/** `**`. */
const ANY_FOLDERS = Symbol('**');
type Part = GlobSegment | typeof ANY_FOLDERS;

/**
 * Compiles a glob: `*` and `?` within a segment, `[a-z]`, `[!a-z]`, `**` as a whole segment for any number of them,
 * `{a,b}`, and `\` before a character that means itself. Everything else means itself, as do brackets and braces that
 * nothing closes; a pattern, and each segment of one, matches what is written like it in any case. A pattern without
 * `/` is held against the last segment, so that `*.pdf` finds them in every folder. Case does not count, as people expect
 * of `*.jpg` and `IMG_1.JPG`.
 * @throws GLOB_INVALID when it is empty, too long or of too many alternatives.
 */
export function compileGlob(pattern: string): Matcher {
  const normal = pattern.length > MAX_GLOB_LENGTH ? '' : pattern.normalize('NFC');
  const alternatives = normal === '' || normal.includes('\0') ? undefined : expandAlternatives(normal);
  if (!alternatives) throw new CompartidosError('GLOB_INVALID', { pattern: pattern.slice(0, 80) });
  const lists = alternatives.map(partsOf);
  if (lists.some((parts) => parts.length === 1 && parts[0] === ANY_FOLDERS)) return () => true;
  const hasFolders = normal.includes('/');
  const written = foldCase(normal);
  return (path) => {
    const folded = foldCase(path);
    const name = hasFolders ? folded : folded.slice(folded.lastIndexOf('/') + 1);
    const segments = name.split('/');
    return name === written || lists.some((parts) => matchesSegments(parts, segments));
  };
}

/**
 * Whether nothing in a folder can match: in each alternative a part is empty, as before a `/` at the beginning, or `.` or
 * `..`, as no name is. Only a `./` at the beginning says nothing.
 */
export function matchesNothing(pattern: string): boolean {
  const alternatives = expandAlternatives(pattern) ?? [];
  return alternatives.every((one) => segmentsOf(one).some((text) => ['', '.', '..'].includes(text)));
}

/** The glob that matches all that is below the folder of this name. */
export function globBelow(folder: string): string {
  return `${folder.replace(/\/$/, '').replaceAll(/[\\*?{[]/g, '\\$&')}/**/*`;
}

/** Whether `text` is a pattern, not just a name or a part of one. */
export function isGlob(text: string): boolean {
  return /[*?{[]/.test(text);
}

function partsOf(pattern: string): Part[] {
  const parts = segmentsOf(pattern).map((text) => (text === '**' ? ANY_FOLDERS : new GlobSegment(text)));
  const kept = parts.filter((part, index) => part !== ANY_FOLDERS || parts[index - 1] !== ANY_FOLDERS);
  // `a/**` is a and what is below it, but people write `*/**` for what is in a folder, whichever it is.
  const last = kept.at(-2);
  if (kept.at(-1) === ANY_FOLDERS && last instanceof GlobSegment && last.isOpen)
    kept.push(new GlobSegment('*'));
  return kept;
}

function segmentsOf(pattern: string): string[] {
  return pattern.replace(/^\.\//, '').split('/');
}

function matchesSegments(parts: readonly Part[], segments: readonly string[]): boolean {
  return matchesWildcards(parts, ANY_FOLDERS, segments.length, (part, at) =>
    part === ANY_FOLDERS || part.matches(segments[at]!) ? at + 1 : -1,
  );
}
