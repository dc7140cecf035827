import { CompartidosError } from '../core/errors.ts';

declare const brand: unique symbol;

/**
 * A name inside the shared folder: one to `MAX_PATH_BYTES` bytes of UTF-8 in NFC, segments joined by `/`, none of
 * them empty, `.` or `..`, none longer than `MAX_SEGMENT_BYTES`, with no NUL, no backslash, no lone surrogate, and
 * outside the agent's own `.compartidos`. A value of this type can be joined to the folder without leaving it.
 */
export type RelativePath = string & { readonly [brand]: 'RelativePath' };

export const MAX_PATH_BYTES = 4096;
export const MAX_SEGMENT_BYTES = 255;

/** The agent's own folder, at the top of the shared folder; never shared. */
export const PRIVATE_FOLDER = '.compartidos';

/** Why `text` is not a RelativePath, or undefined when it is one. */
export function pathProblem(text: string): PathProblem | undefined {
  if (text.length === 0) return 'empty';
  if (text.length > MAX_PATH_BYTES || Buffer.byteLength(text) > MAX_PATH_BYTES) return 'too-long';
  if (text.includes('\0')) return 'nul';
  if (text.includes('\\')) return 'backslash';
  if (!text.isWellFormed()) return 'not-unicode';
  if (text.normalize('NFC') !== text) return 'not-normalised';
  for (const segment of text.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return 'not-relative';
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) return 'too-long';
  }
  // Case-insensitive file systems would open the private folder under any spelling.
  if (text.split('/', 1)[0]!.toLowerCase() === PRIVATE_FOLDER) return 'private';
  return undefined;
}

export type PathProblem =
  'empty' | 'too-long' | 'nul' | 'backslash' | 'not-unicode' | 'not-normalised' | 'not-relative' | 'private';

/** @throws PATH_INVALID with the reason. */
export function parseRelativePath(text: string): RelativePath {
  const problem = pathProblem(text);
  if (problem) throw new CompartidosError('PATH_INVALID', { path: text.slice(0, 200), reason: problem });
  return text as RelativePath;
}

/** The last segment. */
export function baseName(path: RelativePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** All but the last segment, or undefined at the top. */
export function parentPath(path: RelativePath): RelativePath | undefined {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? undefined : (path.slice(0, slash) as RelativePath);
}
