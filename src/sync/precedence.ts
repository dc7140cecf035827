import { isHashed } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { compareVersions, lastChange } from '../model/version-vector.ts';
import type { VersionVector } from '../model/version-vector.ts';

/** `unknown` while one of two files is still being hashed. Tombstones are the same. */
export type Likeness = 'same' | 'different' | 'unknown';

/** Whether two entries have the same content; their times and modes do not count. */
export function compareContents(a: FileEntry, b: FileEntry): Likeness {
  if (a.deleted || b.deleted) return a.deleted === b.deleted ? 'same' : 'different';
  if (a.type !== b.type) return 'different';
  switch (a.type) {
    case 'directory':
      return 'same';
    case 'symlink':
      return a.target === b.target ? 'same' : 'different';
    case 'file':
      if (a.size !== b.size) return 'different';
      if (a.size === 0) return 'same';
      if (!isHashed(a) || !isHashed(b)) return 'unknown';
      return Buffer.compare(a.blocks, b.blocks) === 0 ? 'same' : 'different';
  }
}

/**
 * Which of two entries of one path that do not know of each other takes precedence: negative when it is `a`. A total
 * order, so that every device comes to the same result in whatever order it hears of them: what is there goes before
 * what was deleted (an edit is worth more than a deletion), a folder before a file (there may be files in it), then the
 * last change before the earlier one. The rest only matters where a clock was set back or somebody lies.
 */
export function compareClaims(a: FileEntry, b: FileEntry): number {
  return (
    Number(a.deleted) - Number(b.deleted) ||
    Number(b.type === 'directory') - Number(a.type === 'directory') ||
    compareLastChanges(b.version, a.version) ||
    compareText(a.type, b.type) ||
    compareText(a.target, b.target) ||
    b.size - a.size ||
    Buffer.compare(a.blocks, b.blocks) ||
    b.mtimeUs - a.mtimeUs ||
    Number(b.executable) - Number(a.executable)
  );
}

/** Whether one device's changes are in both versions: both come from one file, or have been settled before. */
export function areRelated(a: VersionVector, b: VersionVector): boolean {
  const devices = new Set(a.map(({ device }) => device));
  return b.some(({ device }) => devices.has(device));
}

/** The entries that none of the others is newer than, by precedence; of equal versions all. */
export function latestClaims<Claim extends { readonly entry: FileEntry }>(claims: readonly Claim[]): Claim[] {
  if (claims.length < 2) return [...claims];
  return claims
    .filter((one) =>
      claims.every((other) => compareVersions(other.entry.version, one.entry.version) !== 'newer'),
    )
    .sort((a, b) => compareClaims(a.entry, b.entry));
}

function compareLastChanges(a: VersionVector, b: VersionVector): number {
  const left = lastChange(a);
  const right = lastChange(b);
  const byTime = (left?.value ?? 0) - (right?.value ?? 0);
  return byTime || compareText(left?.device ?? '', right?.device ?? '');
}

/** By UTF-16 code units, the same everywhere. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
