import { CompartidosError } from '../core/errors.ts';

declare const brand: unique symbol;

/**
 * A name inside the shared folder: one to `MAX_PATH_BYTES` bytes of UTF-8 in NFC, segments joined by `/`, none of
 * them empty, `.` or `..`, none longer than `MAX_SEGMENT_BYTES` or a private name, with no NUL, no backslash and no lone
 * surrogate. A value of this type can be joined to the folder without leaving it.
 */
export type RelativePath = string & { readonly [brand]: 'RelativePath' };

export const MAX_PATH_BYTES = 4096;
export const MAX_SEGMENT_BYTES = 255;

/**
 * An agent's own folder, never shared: at the top of the shared folder, and wherever a configuration lies, which may be
 * inside it; the key of an identity is there.
 */
export const PRIVATE_FOLDER = '.compartidos';
/**
 * Patterns of what is not shared of the folder that it is in. What one device leaves out is no other one's business, and
 * no peer is to hide files here by sending one.
 */
export const IGNORE_FILE = '.compartidosignore';

const PRIVATE_CAPITALS = new Set([PRIVATE_FOLDER.toUpperCase(), IGNORE_FILE.toUpperCase()]);
/** What HFS+ (Apple, Technical Note TN1150) and folders of ext4 and F2FS that take no notice of case take for nothing. */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;
/** What Windows and the drivers of Linux for FAT and exFAT leave out. */
const LEFT_OUT = /[. ]+$/;

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
    if (isPrivateName(segment)) return 'private';
  }
  return undefined;
}

/** Whether some file system takes this name for PRIVATE_FOLDER or IGNORE_FILE, which are never shared. */
export function isPrivateName(name: string): boolean {
  if (name.length < PRIVATE_FOLDER.length || (name[0] !== '.' && name[0]! <= '\x7f')) return false;
  // Upper case makes one of the letters that Apple's file systems take for the same, such as s and \u017f.
  return PRIVATE_CAPITALS.has(name.replace(IGNORED, '').replace(LEFT_OUT, '').toUpperCase());
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
