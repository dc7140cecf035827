import picomatch from 'picomatch';
import { CompartidosError } from '../core/errors.ts';

/** Says whether a path matches. */
export type Matcher = (path: string) => boolean;

/** Characters; a longer pattern is refused, so that compiling one is cheap. */
export const MAX_GLOB_LENGTH = 1024;

/**
 * Compiles a glob: `*` and `?` within a segment, `**` across them, `{a,b}`, `[a-z]`. A pattern without `/` is held
 * against the last segment, so that `*.pdf` finds them in every folder. Case does not count, as people expect of
 * `*.jpg` and `IMG_1.JPG`.
 * @throws GLOB_INVALID
 */
export function compileGlob(pattern: string): Matcher {
  if (pattern.length === 0 || pattern.length > MAX_GLOB_LENGTH || pattern.includes('\0')) {
    throw new CompartidosError('GLOB_INVALID', { pattern: pattern.slice(0, 80) });
  }
  try {
    const normal = pattern.normalize('NFC');
    return picomatch(normal, { nocase: true, dot: true, basename: !normal.includes('/'), nonegate: true });
  } catch (error) {
    throw new CompartidosError('GLOB_INVALID', { pattern: pattern.slice(0, 80) }, { cause: error });
  }
}

/** Whether `text` is a pattern, not just a name or a part of one. */
export function isGlob(text: string): boolean {
  return /[*?{[]/.test(text);
}
