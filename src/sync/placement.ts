import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions, incrementVersion, lastChange } from '../model/version-vector.ts';
import type { VersionVector } from '../model/version-vector.ts';
import { conflictName, freeName, takenName } from './names.ts';
import { compareContents } from './precedence.ts';
import { settle } from './settle.ts';
import type { RuleMode } from './settle.ts';

/** What to do with a newcomer. `version` is the one to be recorded for what is then at its target. */
export type Placement =
  /** Its name is free. */
  | { readonly action: 'place'; readonly version: VersionVector }
  /** It takes the place of the file there, which goes to the trash. */
  | { readonly action: 'replace'; readonly version: VersionVector }
  /** It takes the place of the file there, which is kept as `copy`. */
  | { readonly action: 'set-aside'; readonly copy: RelativePath; readonly version: VersionVector }
  /** It is kept under another name, and the file there stays. */
  | { readonly action: 'beside'; readonly path: RelativePath }
  /** The file there stays, and the newcomer is kept under another name already. */
  | { readonly action: 'elsewhere'; readonly path: RelativePath }
  /** The same is there already: only the version is taken over. */
  | { readonly action: 'adopt'; readonly version: VersionVector }
  /** What is there stays, and the newcomer is not needed. */
  | { readonly action: 'keep' };

/** A file that is here as a whole and is to be put in place. */
export interface Newcomer {
  /** As its source announces it, all blocks known. */
  readonly content: FileEntry;
  readonly target: RelativePath;
  /** Who asked for it: a rule by its mode, or a person. */
  readonly asked: RuleMode | 'person';
  /** What the device that it comes from calls itself. */
  readonly deviceName: string;
}

/**
 * What to do with `newcomer` given what is at its target now, `local` (a tombstone where something was), and what is
 * elsewhere, `at`. Whatever was decided when it was asked for, only what is there now counts: an edit that was made
 * meanwhile survives.
 * @throws PATH_INVALID when the folders above leave no room for another name
 */
export function decidePlacement(
  self: DeviceId,
  local: FileEntry | undefined,
  newcomer: Newcomer,
  at: (path: RelativePath) => FileEntry | undefined,
): Placement {
  const { content, asked } = newcomer;
  if (asked === 'person') return placeForPerson(self, local, newcomer, at);
  if (isFolderInTheWay(local, content)) return { action: 'keep' };
  const settlement = settle(asked, self, local, content);
  switch (settlement.result) {
    case 'take':
      return take(local, newcomer.target, settlement, at);
    case 'copy':
      return beside(conflictName(newcomer.target, content), content, at);
    case 'beside':
      return beside(takenName(newcomer.target, newcomer.deviceName), content, at);
    // What has the same content is settled without it: the rule is asked again once the download is over.
    case 'adopt':
    case 'delete':
    case 'nothing':
      return { action: 'keep' };
  }
}

/** Whether a folder is where something else is to be: there may be files in it, which nobody has looked at. */
export function isFolderInTheWay(local: FileEntry | undefined, content: FileEntry): boolean {
  return local !== undefined && !local.deleted && local.type === 'directory' && content.type !== 'directory';
}

function placeForPerson(
  self: DeviceId,
  local: FileEntry | undefined,
  { content, target, deviceName }: Newcomer,
  at: (path: RelativePath) => FileEntry | undefined,
): Placement {
  const { version } = content;
  if (!local || local.deleted) return { action: 'place', version: versionInPlaceOf(self, local, version) };
  const isNewer = compareVersions(version, local.version) === 'newer';
  if (compareContents(local, content) === 'same') {
    return isNewer ? { action: 'adopt', version } : { action: 'keep' };
  }
  if (isNewer && !isFolderInTheWay(local, content)) return { action: 'replace', version };
  return beside(takenName(target, deviceName), content, at);
}

/** What somebody else deleted and a person wants is a change by us: else rules would delete it again. */
function versionInPlaceOf(
  self: DeviceId,
  local: FileEntry | undefined,
  version: VersionVector,
): VersionVector {
  if (!local || lastChange(local.version)?.device === self) return version;
  return compareVersions(local.version, version) === 'newer'
    ? incrementVersion(local.version, self, 0)
    : version;
}

function take(
  local: FileEntry | undefined,
  target: RelativePath,
  { version, keepOurs }: { readonly version: VersionVector; readonly keepOurs: boolean },
  at: (path: RelativePath) => FileEntry | undefined,
): Placement {
  if (!local || local.deleted) return { action: 'place', version };
  const copy = keepOurs ? nameForCopy(conflictName(target, local), local, at) : undefined;
  return copy === undefined ? { action: 'replace', version } : { action: 'set-aside', copy, version };
}

function beside(
  path: RelativePath,
  content: FileEntry,
  at: (path: RelativePath) => FileEntry | undefined,
): Placement {
  const { name, isThere } = nameOrCopy(path, content, at);
  return { action: isThere ? 'elsewhere' : 'beside', path: name };
}

/** `path`, or that with the first number that is free; undefined when `content` is there already. */
export function nameForCopy(
  path: RelativePath,
  content: FileEntry,
  at: (path: RelativePath) => FileEntry | undefined,
): RelativePath | undefined {
  const { name, isThere } = nameOrCopy(path, content, at);
  return isThere ? undefined : name;
}

/** The first of `path` and that with numbers that is free, or that `content` has already. */
function nameOrCopy(
  path: RelativePath,
  content: FileEntry,
  at: (path: RelativePath) => FileEntry | undefined,
): { readonly name: RelativePath; readonly isThere: boolean } {
  let isThere = false;
  const name = freeName(path, (candidate) => {
    const found = at(candidate);
    if (!found || found.deleted) return false;
    isThere = compareContents(found, content) === 'same';
    return !isThere;
  });
  return { name, isThere };
}
