import type { RuleSettings } from '../config/settings.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { compareVersions, incrementVersion, lastChange, mergeVersions } from '../model/version-vector.ts';
import type { VersionVector } from '../model/version-vector.ts';
import { areRelated, compareClaims, compareContents } from './precedence.ts';

export type RuleMode = RuleSettings['mode'];

/** Why nothing is to be done. */
export type Reason =
  /** Content and version are the same. */
  | 'same'
  /** Ours has seen theirs and more. */
  | 'ours-is-newer'
  /** It is there no more, and the rule only takes what is there, or ours was changed since. */
  | 'deleted-there'
  /** It was deleted here after theirs was made. */
  | 'deleted-here'
  /** Content that may be the same is still being hashed. */
  | 'being-hashed'
  /** No device that the rule follows has it and is here. */
  | 'nobody-has-it'
  /** A folder bears the name, and what is in it is not given up. */
  | 'folder-in-the-way'
  /** A file bears the name of a folder above. */
  | 'file-in-the-way'
  /** There is no valid or free name under which it can be kept. */
  | 'no-name-left'
  /** Names like this are ignored here. */
  | 'ignored'
  /** It came there from here. */
  | 'from-here'
  /** Another rule mirrors what is to be at that place. */
  | 'mirrored';

/** How one of our entries stands to one of theirs under a rule. */
export type Settlement =
  | { readonly result: 'nothing'; readonly why: Reason }
  /** Theirs takes the place, with `version`; ours goes to the trash or, when `keepOurs`, becomes a conflict copy. */
  | { readonly result: 'take'; readonly version: VersionVector; readonly keepOurs: boolean }
  /** The content is the same; ours gets `version`, and their time and mode when `theirs`. */
  | { readonly result: 'adopt'; readonly version: VersionVector; readonly theirs: boolean }
  /** Ours goes to the trash. */
  | { readonly result: 'delete' }
  /** Ours keeps the place and theirs is kept as a conflict copy; when that is here, ours gets `version`. */
  | { readonly result: 'copy'; readonly version: VersionVector }
  /** Theirs is another file, which only bears the same name: it gets one of its own. */
  | { readonly result: 'beside' };

/**
 * What `mode` makes of our entry and one of theirs.
 *
 * In every mode: newer replaces older; the same content is never a conflict; an edit is worth more than a deletion.
 * - `sync`: all devices are alike. Of two versions that do not know of each other the one that takes precedence keeps
 *   the place, the other becomes a conflict copy, and what is in place has then seen both. All devices that settle the
 *   same two versions come to the same content, version and names.
 * - `mirror`: theirs keeps the place, whatever was done here; what we edited becomes a conflict copy, what we deleted
 *   is fetched again. What was never theirs is not deleted.
 * - `fetch`: theirs are taken and their deletions are not. Where we edited what came from there and it changed there
 *   too, ours becomes a conflict copy. A file of ours that only bears the same name keeps it.
 * A one-way mode takes over their version as it is: the file in place is theirs.
 */
export function settle(
  mode: RuleMode,
  self: DeviceId,
  ours: FileEntry | undefined,
  theirs: FileEntry,
): Settlement {
  if (theirs.deleted) return settleDeletion(mode, self, ours, theirs);
  const take: Settlement = { result: 'take', version: theirs.version, keepOurs: false };
  if (!ours) return take;
  const isOurChange = lastChange(ours.version)?.device === self;
  const order = compareVersions(theirs.version, ours.version);
  const isUndone = mode === 'mirror' && isOurChange;
  if (ours.deleted) {
    // What is there with the version of a deletion was written after that was undone; see `haveSameFacts`.
    const isWanted = order !== 'older' || isUndone;
    return isWanted ? take : { result: 'nothing', why: 'deleted-here' };
  }
  const likeness = compareContents(ours, theirs);
  if (order === 'newer') {
    return likeness === 'same' ? { result: 'adopt', version: theirs.version, theirs: true } : take;
  }
  const isSame = likeness === 'same' && (mode === 'fetch' || haveSameFacts(ours, theirs));
  if (order === 'equal' && (isSame || likeness === 'unknown')) return { result: 'nothing', why: 'same' };
  if (order === 'older' && !isUndone) return { result: 'nothing', why: 'ours-is-newer' };
  if (likeness === 'unknown') return { result: 'nothing', why: 'being-hashed' };
  const isOursFirst = compareClaims(ours, theirs) < 0;
  const merged = mergeVersions(ours.version, theirs.version);
  if (mode === 'sync') {
    if (likeness === 'same') return { result: 'adopt', version: merged, theirs: !isOursFirst };
    return isOursFirst
      ? { result: 'copy', version: merged }
      : { result: 'take', version: merged, keepOurs: true };
  }
  if (likeness === 'same') return { result: 'adopt', version: theirs.version, theirs: true };
  if (mode === 'mirror') return { ...take, keepOurs: isOurChange };
  return isOurChange && areRelated(ours.version, theirs.version)
    ? { ...take, keepOurs: true }
    : { result: 'beside' };
}

/**
 * One version has two times or modes, or is a file and a deletion, where a mirror has undone a change, and the next one has
 * got the counter of that: the clock of who changed it is behind that of who did before.
 */
function haveSameFacts(ours: FileEntry, theirs: FileEntry): boolean {
  return ours.mtimeUs === theirs.mtimeUs && ours.executable === theirs.executable;
}

function settleDeletion(
  mode: RuleMode,
  self: DeviceId,
  ours: FileEntry | undefined,
  theirs: FileEntry,
): Settlement {
  if (!ours || ours.deleted) return { result: 'nothing', why: 'same' };
  const isNewer = compareVersions(theirs.version, ours.version) === 'newer';
  if (mode === 'fetch' || !isNewer) return { result: 'nothing', why: 'deleted-there' };
  if (lastChange(theirs.version)?.device !== self) return { result: 'delete' };
  // We deleted it ourselves, and a person has asked for it since.
  if (mode === 'mirror') return { result: 'nothing', why: 'deleted-there' };
  return { result: 'adopt', version: incrementVersion(theirs.version, self, 0), theirs: false };
}
