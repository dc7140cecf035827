import { setImmediate } from 'node:timers/promises';
import type { FileSelector } from '../agent-api.ts';
import type { Catalogue, FoundFile, KnownPeer, RemoteEntry } from '../catalogue/catalogue.ts';
import { runsOf } from '../core/runs.ts';
import type { DeviceId } from '../model/device-id.ts';
import { idBeginsWith, isNamed } from '../model/device-naming.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { globBelow, isGlob } from '../model/glob.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { compareVersions } from '../model/version-vector.ts';
import { sameHash } from '../transfer/hash-key.ts';

/** So many paths are looked at, or asked for, in one go: whoever takes seconds for all of 50,000 is taken for gone. */
const PATHS_AT_A_TIME = 200;

/** One file, link or empty folder to fetch, and the devices that have just this content under this path. */
export interface Selected {
  readonly content: FileEntry;
  readonly devices: readonly DeviceId[];
}

/**
 * What of what `selector` means is to be fetched; `local` when we have all of it, undefined when there is nothing. It means
 * every path that the glob matches, or the one path; where there is none, all that is in the folder of that name. Of several
 * contents under one path it is the one with the hash given, else the newest. Those that we have already are not wanted,
 * unless they are `corrupt`. The content of one that is, is selected as our entry of it, unless another device has a newer
 * one; even if no device has it now.
 *
 * To be gone through once: each is chosen when it is its turn, since there may be hundreds of thousands, and what is known
 * of each takes a KiB.
 */
export async function select(
  catalogue: Catalogue,
  selector: FileSelector,
  from: DeviceId | undefined,
  corrupt: (path: RelativePath) => FileEntry | undefined = () => undefined,
): Promise<AsyncIterable<Selected> | 'local' | undefined> {
  const found = await meant(catalogue, selector, from);
  async function* choices(): AsyncGenerator<Selected | 'local', undefined> {
    let seen = 0;
    for (const contents of runsOf(found, (before, file) => before.path === file.path)) {
      const choice = choose(catalogue, contents, from, corrupt);
      if (choice) yield choice;
      seen += 1;
      if (seen % PATHS_AT_A_TIME === 0) await setImmediate();
    }
  }
  const rest = choices();
  async function* wanted(first: Selected): AsyncGenerator<Selected> {
    yield first;
    for await (const choice of rest) if (choice !== 'local') yield choice;
  }
  for (let known: 'local' | undefined; ;) {
    const { value } = await rest.next();
    if (value === undefined) return known;
    if (value !== 'local') return wanted(value);
    known = value;
  }
}

/** Of what is known under one path; undefined when nobody meant has it. */
function choose(
  catalogue: Catalogue,
  contents: readonly FoundFile[],
  from: DeviceId | undefined,
  corrupt: (path: RelativePath) => FileEntry | undefined,
): Selected | 'local' | undefined {
  const candidates = contents.flatMap((content) => remoteEntries(catalogue, content, from));
  const newest = newestOf(candidates);
  const damaged = corrupt(contents[0]!.path);
  const ours = contents.filter((file) => file.local && !damaged);
  if (!newest || ours.some((file) => isSameFound(newest.entry, file))) {
    if (ours.length > 0) return 'local';
    // Whoever has it may come online.
    return damaged && from === undefined ? { content: damaged, devices: [] } : undefined;
  }
  const same = candidates.filter(({ entry }) => isSameContent(entry, newest.entry));
  const isOurs = damaged && compareVersions(newest.entry.version, damaged.version) !== 'newer';
  const content = isOurs && isSameContent(damaged, newest.entry) ? damaged : newest.entry;
  return { content, devices: same.map(({ device }) => device) };
}

/**
 * The peers that `text` may mean: by name, whatever its case, or by the beginning of the id in either form. Where one of
 * them is online, those that are not are not meant: a computer that was set up anew leaves a namesake behind.
 */
export function matchingPeers(peers: readonly KnownPeer[], text: string): KnownPeer[] {
  const named = peers.filter(({ name }) => isNamed(name, text));
  const matching = named.length > 0 ? named : peers.filter(({ device }) => idBeginsWith(device, text));
  const online = matching.filter((peer) => peer.online);
  return online.length > 0 ? online : matching;
}

/** No path has a `\` in it: where it is no escape of a pattern, it is how folders are separated on Windows. */
async function meant(
  catalogue: Catalogue,
  selector: FileSelector,
  from: DeviceId | undefined,
): Promise<readonly FoundFile[]> {
  const found = await meantAsWritten(catalogue, selector, from);
  if (found.length > 0 || !selector.path.includes('\\')) return found;
  return meantAsWritten(catalogue, { ...selector, path: selector.path.replaceAll('\\', '/') }, from);
}

async function meantAsWritten(
  catalogue: Catalogue,
  { path, hash }: FileSelector,
  from: DeviceId | undefined,
): Promise<readonly FoundFile[]> {
  const options = { limit: Infinity, sought: 'everything', ...(from === undefined ? {} : { from }) } as const;
  const found = await catalogue.find(path, options);
  if (hash === undefined && isGlob(path) && found.length > 0) return found;
  const name = path.normalize('NFC');
  const named = found.filter((file) => file.path === name);
  if (hash === null) return named;
  if (hash !== undefined) return named.filter((file) => hexOf(file.hash) === hash.toLowerCase());
  return named.length > 0 ? named : catalogue.find(globBelow(path), options);
}

function remoteEntries(catalogue: Catalogue, file: FoundFile, from: DeviceId | undefined): RemoteEntry[] {
  return catalogue.at(file.path).filter(({ device, entry }) => {
    if (entry.deleted || (from !== undefined && device !== from)) return false;
    return isSameFound(entry, file);
  });
}

/** By version; of versions that know nothing of each other, by time, and then by hash, so that the choice is stable. */
function newestOf(candidates: readonly RemoteEntry[]): RemoteEntry | undefined {
  return candidates.reduce<RemoteEntry | undefined>((best, candidate) => {
    if (!best) return candidate;
    const order = compareVersions(candidate.entry.version, best.entry.version);
    if (order === 'newer') return candidate;
    if (order !== 'concurrent') return best;
    const later = candidate.entry.mtimeUs - best.entry.mtimeUs;
    if (later !== 0) return later > 0 ? candidate : best;
    return hexOf(candidate.entry.hash) > hexOf(best.entry.hash) ? candidate : best;
  }, undefined);
}

function isSameContent(a: FileEntry, b: FileEntry): boolean {
  return a.hash && b.hash ? sameHash(a.hash, b.hash) : compareVersions(a.version, b.version) === 'equal';
}

/** Contents that are both still being hashed cannot be told apart. */
function isSameFound(entry: FileEntry, { type, hash, target }: FoundFile): boolean {
  if (entry.type !== type || entry.target !== target) return false;
  return entry.hash && hash ? sameHash(entry.hash, hash) : entry.hash === hash;
}

function hexOf(hash: Uint8Array | undefined): string {
  return hash ? Buffer.from(hash).toString('hex') : '';
}
