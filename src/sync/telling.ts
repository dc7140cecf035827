import type { FileEntry } from '../model/file-entry.ts';
import { lastChange } from '../model/version-vector.ts';

/** When a device has told of changes, without a longer pause (monotonic ms). */
export interface Telling {
  readonly began: number;
  readonly last: number;
  /** The earliest of the changes with which it began, by the counters of their versions. */
  readonly first: number;
}

/** ms for which a file that may have been renamed waits at most for its old name to be withdrawn. */
export const MAX_RENAMING_MS = 30_000;
/** The same where the old name is as new as the other: two copies come together more often than a file moves at once. */
export const MAX_COPY_MS = 300;

const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 10_000;

/** What `telling`, if any, becomes when the device tells of `entries` at `now`. */
export function tellingOn(
  telling: Telling | undefined,
  now: number,
  entries: readonly Pick<FileEntry, 'version'>[],
): Telling {
  if (telling && isStillTelling(telling, now)) return { ...telling, last: now };
  const first = entries.reduce((least, { version }) => Math.min(least, changeOf(version)), Infinity);
  return { began: now, last: now, first };
}

/**
 * Whether a device may be about to tell more of what it has begun to tell. A new name is announced when the file has
 * been read under it, and the old ones are withdrawn after that: who has read for long may search for longer.
 */
export function isStillTelling({ began, last }: Telling, now: number): boolean {
  return now - last < Math.min(MIN_PAUSE_MS + 2 * (last - began), MAX_PAUSE_MS);
}

/** Whether a file of ours was there before a device began to tell, so that it may be what is told of under another name. */
export function wasBefore({ version }: Pick<FileEntry, 'version'>, { first }: Telling): boolean {
  return changeOf(version) < first;
}

function changeOf(version: FileEntry['version']): number {
  return lastChange(version)?.value ?? 0;
}
