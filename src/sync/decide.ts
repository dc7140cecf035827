import type { RemoteEntry } from '../catalogue/catalogue.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions, lastChange } from '../model/version-vector.ts';
import type { VersionVector } from '../model/version-vector.ts';
import { conflictName, numberedName, takenName } from './names.ts';
import { isFolderInTheWay, nameForCopy } from './placement.ts';
import { compareContents, latestClaims } from './precedence.ts';
import { settle } from './settle.ts';
import type { Reason, RuleMode } from './settle.ts';

/** All that a decision is made from. */
export interface Question {
  readonly mode: RuleMode;
  readonly self: DeviceId;
  /** Where it is to be here. */
  readonly target: RelativePath;
  /** What the devices that the rule follows say of one path, tombstones included. */
  readonly claims: readonly RemoteEntry[];
  /** Our entries, tombstones included. */
  readonly at: (path: RelativePath) => FileEntry | undefined;
  readonly isOnline: (device: DeviceId) => boolean;
  readonly nameOf: (device: DeviceId) => string;
}

/** What is to be done about one path. */
export type Decision =
  | { readonly type: 'none'; readonly why: Reason }
  /** Its content is brought here: a new file, or in place of an older version, which goes to the trash. */
  | (Bringing & { readonly type: 'fetch'; readonly replaces: FileEntry | undefined })
  /** Ours stands against theirs: `copy` is the name under which the one that loses the place is kept. */
  | (Bringing & { readonly type: 'conflict'; readonly ours: FileEntry; readonly copy: RelativePath })
  /** The same content: ours becomes `entry`, without a byte sent. */
  | { readonly type: 'adopt'; readonly ours: FileEntry; readonly entry: FileEntry; readonly from: DeviceId }
  /** Ours goes to the trash, and their tombstone is taken over. */
  | {
      readonly type: 'delete';
      readonly ours: FileEntry;
      readonly tombstone: FileEntry;
      readonly from: DeviceId;
    };

/** Content that has to come here. */
export interface Bringing {
  /** As its sources announce it. */
  readonly entry: FileEntry;
  readonly sources: readonly DeviceId[];
  readonly target: RelativePath;
}

/** A question and the claims that count. */
interface Weighed extends Question {
  readonly latest: readonly RemoteEntry[];
}

/** Names with a number that are tried for one newcomer. */
const MAX_NUMBER = 9;

/**
 * What a rule makes of one path, from what all devices that it follows say of it.
 * @throws PATH_INVALID when the folders above leave no room for another name
 */
export function decide(question: Question): Decision {
  const weighed: Weighed = { latest: relevantClaims(question), ...question };
  let first: Decision | undefined;
  for (const claim of weighed.latest) {
    const decision = decideClaim(weighed, claim);
    if (decision.type !== 'none') return decision;
    first ??= decision;
  }
  return first ?? { type: 'none', why: whyNotToBeHad(question) };
}

/** Where nobody who is here has it, and it makes no difference what others have. */
function whyNotToBeHad({ mode, self, target, claims, at }: Question): Reason {
  const there = claims.filter(({ entry }) => !entry.deleted);
  const latest = latestClaims(there.length > 0 ? there : claims)[0];
  const settlement = latest && settle(mode, self, at(target), latest.entry);
  return settlement?.result === 'nothing' ? settlement.why : 'nobody-has-it';
}

/**
 * The claims that count, by precedence. A mirror goes by what takes precedence, even if it cannot be had now, lest it
 * follow another device back and forth; the others take what can be had.
 */
function relevantClaims({ mode, claims, isOnline }: Question): RemoteEntry[] {
  if (mode === 'mirror') {
    return latestClaims(claims).slice(0, 1);
  }
  return latestClaims(
    claims.filter(({ device, entry }) => (entry.deleted ? mode === 'sync' : isOnline(device))),
  );
}

function decideClaim(question: Weighed, claim: RemoteEntry): Decision {
  const { mode, self, target, at } = question;
  const theirs = claim.entry;
  const ours = at(target);
  const settlement = settle(mode, self, ours, theirs);
  switch (settlement.result) {
    case 'nothing':
      return { type: 'none', why: settlement.why };
    case 'delete':
      return { type: 'delete', ours: ours!, tombstone: { ...theirs, path: target }, from: claim.device };
    case 'adopt':
      if (mode === 'fetch' && isFollowing(question, ours!)) return { type: 'none', why: 'same' };
      return adopt(ours!, settlement.theirs ? theirs : ours!, settlement.version, claim);
    case 'take':
      if (isFolderInTheWay(ours, theirs) && settlement.keepOurs) {
        return { type: 'none', why: 'folder-in-the-way' };
      }
      // Two devices that have different files would take turns in the place.
      if (mode === 'fetch' && settlement.keepOurs && isFollowing(question, ours!)) {
        return decideBeside(question, claim);
      }
      return take(question, claim, target, settlement.keepOurs);
    case 'copy':
      return keepAsCopy(question, claim, ours!, settlement.version);
    case 'beside':
      return decideBeside(question, claim);
  }
}

/** Whether what we have is what one of the devices has: then another who has the same content changes nothing. */
function isFollowing({ latest }: Weighed, ours: FileEntry): boolean {
  return latest.some(({ entry }) => compareVersions(entry.version, ours.version) === 'equal');
}

function take(question: Question, claim: RemoteEntry, target: RelativePath, keepOurs: boolean): Decision {
  const bringing = bring(question, claim, target);
  if (!bringing) return { type: 'none', why: 'nobody-has-it' };
  const found = question.at(target);
  const ours = found && !found.deleted ? found : undefined;
  const { entry, sources } = bringing;
  const fetch: Decision = { type: 'fetch', entry, sources, target, replaces: ours };
  if (!ours || !keepOurs) return fetch;
  const copy = nameForCopy(conflictName(target, ours), ours, question.at);
  return copy === undefined ? fetch : { type: 'conflict', ...bringing, ours, copy };
}

/** Ours keeps the place. Theirs is brought as a conflict copy, and then ours has seen it. */
function keepAsCopy(
  question: Question,
  claim: RemoteEntry,
  ours: FileEntry,
  version: VersionVector,
): Decision {
  const copy = nameForCopy(conflictName(question.target, claim.entry), claim.entry, question.at);
  if (copy === undefined) return adopt(ours, ours, version, claim);
  const bringing = bring(question, claim, copy);
  return bringing ? { type: 'conflict', ...bringing, ours, copy } : { type: 'none', why: 'nobody-has-it' };
}

/** Theirs gets a name that says where it is from, and is followed there; a folder waits, and so does what is in it. */
function decideBeside(question: Weighed, claim: RemoteEntry): Decision {
  if (claim.entry.type === 'directory') return { type: 'none', why: 'file-in-the-way' };
  const { self, nameOf, at } = question;
  const label = nameOf(lastChange(claim.entry.version)?.device ?? claim.device);
  const first = takenName(question.target, label);
  for (let number = 1; number <= MAX_NUMBER; number += 1) {
    const target = number === 1 ? first : numberedName(first, number);
    const ours = at(target);
    const settlement = settle('fetch', self, ours, claim.entry);
    if (settlement.result === 'beside' || isFolderInTheWay(ours, claim.entry)) continue;
    if (settlement.result === 'take') return take(question, claim, target, settlement.keepOurs);
    if (settlement.result === 'adopt' && !isFollowing(question, ours!)) {
      return adopt(ours!, claim.entry, settlement.version, claim);
    }
    return { type: 'none', why: settlement.result === 'nothing' ? settlement.why : 'same' };
  }
  return { type: 'none', why: 'no-name-left' };
}

function adopt(
  ours: FileEntry,
  { mtimeUs, executable }: FileEntry,
  version: VersionVector,
  { device }: RemoteEntry,
): Decision {
  const isSame = mtimeUs === ours.mtimeUs && executable === ours.executable;
  // Done again and again, it would be a change each time.
  if (isSame && compareVersions(version, ours.version) === 'equal') return { type: 'none', why: 'same' };
  return { type: 'adopt', ours, entry: { ...ours, mtimeUs, executable, version }, from: device };
}

function bring(
  { claims, isOnline }: Question,
  { entry }: RemoteEntry,
  target: RelativePath,
): Bringing | undefined {
  const sources = claims.flatMap((claim) => {
    const isSource = isOnline(claim.device) && !claim.entry.deleted && isSameFile(claim.entry, entry);
    return isSource ? claim.device : [];
  });
  return sources.length > 0 ? { entry, sources, target } : undefined;
}

function isSameFile(a: FileEntry, b: FileEntry): boolean {
  const likeness = compareContents(a, b);
  if (likeness === 'unknown') return compareVersions(a.version, b.version) === 'equal';
  return likeness === 'same';
}
