import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { VersionVector } from '../model/version-vector.ts';
import type { Decision } from './decide.ts';
import { compareContents } from './precedence.ts';
import type { Rule } from './rule.ts';

/** What a rule makes of one path. */
export interface Proposal {
  readonly rule: Rule;
  /** What it is called at the peers. */
  readonly path: RelativePath;
  /** Where it is to be here. */
  readonly target: RelativePath;
  readonly decision: Decision;
  /** How many devices have something to say of it. */
  readonly claims: number;
}

/** One of our files gets another name: what was there under its own is there under the other now. */
export interface Renaming {
  readonly type: 'rename';
  readonly ours: FileEntry;
  /** Taken over for the name it had. */
  readonly tombstone: FileEntry;
  /** What it becomes. */
  readonly entry: FileEntry;
}

/** Our files of which one may turn out to have been renamed. */
export interface PossibleRenaming {
  readonly type: 'possible';
  readonly twins: readonly FileEntry[];
}

/** Our files with the same content that are looked at for one that was renamed. */
const MAX_TWINS = 16;

/**
 * The file of ours that `proposal` can have by renaming it, instead of by bringing its content: one that has the same
 * content and that the same rule would delete. Possible ones when there are only such that the rule is about and keeps:
 * the new name is announced before the old one is withdrawn. `twins` are our live files with that content,
 * `proposalsAt` what rules make of them.
 */
export function findRenaming(
  { rule, decision }: Proposal,
  twins: (hash: Uint8Array) => readonly FileEntry[],
  proposalsAt: (ours: FileEntry) => readonly Proposal[],
): Renaming | PossibleRenaming | undefined {
  // A rule that deletes nothing renames nothing.
  if (decision.type !== 'fetch' || decision.replaces || rule.settings.mode === 'fetch') return undefined;
  const { entry, target } = decision;
  if (entry.type !== 'file' || entry.size === 0 || !entry.hash) return undefined;
  const possible: FileEntry[] = [];
  for (const ours of twins(entry.hash).slice(0, MAX_TWINS)) {
    if (ours.path === target || compareContents(ours, entry) !== 'same') continue;
    for (const { rule: other, decision: fate } of proposalsAt(ours)) {
      if (other !== rule) continue;
      possible.push(ours);
      if (fate.type !== 'delete' || fate.ours.path !== ours.path) continue;
      return { type: 'rename', ours, tombstone: fate.tombstone, entry: { ...entry, path: target } };
    }
  }
  return possible.length > 0 ? { type: 'possible', twins: possible } : undefined;
}

/**
 * Whether a file of ours that is to be deleted is here under just one other name, which stays, as after a renaming that
 * was seen too late. Of what is here many times each one counts. `twins` as above.
 */
export function isKeptElsewhere(
  { decision }: Proposal,
  twins: (hash: Uint8Array) => readonly FileEntry[],
  isLeaving: (path: RelativePath) => boolean,
): boolean {
  if (decision.type !== 'delete' || !decision.ours.hash) return false;
  const { ours } = decision;
  const here = twins(decision.ours.hash).filter((twin) => compareContents(twin, ours) === 'same');
  return here.length === 2 && here.some((twin) => !isLeaving(twin.path));
}

/** The version at the peers that a proposal comes from. */
export function versionThere({ decision }: Proposal): VersionVector {
  switch (decision.type) {
    case 'delete':
      return decision.tombstone.version;
    case 'fetch':
    case 'conflict':
    case 'adopt':
      return decision.entry.version;
    case 'none':
      return [];
  }
}

/** Whether a file of ours is deleted or replaced by it. Folders only go when nothing is in them. */
export function isDestructive({ decision }: Proposal): boolean {
  switch (decision.type) {
    case 'delete':
      return decision.ours.type !== 'directory';
    case 'fetch':
      return decision.replaces !== undefined && decision.replaces.type !== 'directory';
    case 'conflict':
      return decision.target === decision.ours.path;
    case 'none':
    case 'adopt':
      return false;
  }
}

/** Above before below, so that a folder is there before what is in it. */
export function fromTheTop(a: Proposal, b: Proposal): number {
  return depth(a.target) - depth(b.target) || (a.target < b.target ? -1 : 1);
}

/** Below before above, so that a folder is empty when its turn comes: those of one depth together. */
export function fromTheBottom(proposals: readonly Proposal[]): Proposal[][] {
  const levels: Proposal[][] = [];
  for (const proposal of proposals) (levels[depth(proposal.target)] ??= []).push(proposal);
  return levels.filter((level) => level !== undefined).reverse();
}

function depth(path: RelativePath): number {
  let slashes = 0;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) slashes += 1;
  return slashes;
}
