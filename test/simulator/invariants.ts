import type { RuleSettings } from '../../src/config/settings.ts';
import { blake3 } from '../../src/core/blake3.ts';
import { blockCount, blockRange } from '../../src/model/block-layout.ts';
import {
  isPrivateName,
  parseRelativePath,
  PRIVATE_FOLDER,
  type RelativePath,
} from '../../src/model/relative-path.ts';
import { compareVersions, lastChange } from '../../src/model/version-vector.ts';
import { contentHash } from '../../src/wire/content-hash.ts';
import type { DiskNode } from './disk-node.ts';
import { keyOf, Violation, type Oracle } from './oracle.ts';
import { SHARED, type SimulatedDevice } from './simulated-device.ts';

const PRIVATE = `${SHARED}/${PRIVATE_FOLDER}`;
const INCOMING = `${PRIVATE}/incoming`;

/** Whether a path is one under which people look for files. */
export function isFinalName(path: string): boolean {
  return (
    path.startsWith(`${SHARED}/`) &&
    !path
      .slice(SHARED.length + 1)
      .split('/')
      .some(isPrivateName)
  );
}

/** @throws Violation when a file has a final name and a content that nobody has ever written. */
export function demandWhole(path: string, node: DiskNode, oracle: Oracle, device: string): void {
  if (node.type !== 'file' || !isFinalName(path) || oracle.excuses(node)) return;
  throw new Violation(`a partial file on ${device} as ${path}: ${node.data.length} bytes nobody wrote`);
}

/** @throws Violation: the agent removes no file for good that has a final name. */
export function demandKept(path: string, node: DiskNode, device: string): void {
  if (node.type === 'file' && isFinalName(path))
    throw new Violation(`removed for good on ${device}: ${path}`);
}

/** What holds at any time. @throws Violation */
export function demandAllWhole(device: SimulatedDevice, oracle: Oracle): void {
  for (const [path, node] of device.disk.files(SHARED)) demandWhole(path, node, oracle, device.name);
}

/**
 * What holds once everything has fallen quiet.
 * @param isStrict nothing but the rules of this mode has ever brought anything to a device, and none was set back.
 * @throws Violation
 */
export function demandSettled(
  devices: readonly SimulatedDevice[],
  mode: RuleSettings['mode'],
  oracle: Oracle,
  isStrict: boolean,
): void {
  for (const device of devices) demandAllWhole(device, oracle);
  const present = devices.flatMap(({ disk }) =>
    [...disk.files(SHARED)].flatMap(([path, node]) =>
      node.type === 'file' && !path.startsWith(INCOMING) ? [node.data] : [],
    ),
  );
  const missing = oracle.missing(present);
  if (missing.length > 0) throw new Violation(`lost: ${missing.join(', ')}`);
  for (const device of devices) demandIndexed(device);
  const [first, ...others] = devices;
  // What its disk has damaged, and nobody has any more, does not come to others.
  const isLost = (path: string) => devices.some((device) => isDamaged(device, path, device.disk.find(path)));
  for (const other of others) {
    if (mode === 'sync') demandAlike(first!, other, isLost);
    const isExcused = (path: string) => isLost(path) || (!isStrict && isAhead(other, first!, path));
    if (mode === 'mirror') demandContained(first!, other, isExcused);
  }
}

/** The live set of a device: what each name stands for. */
function live(device: SimulatedDevice): Map<string, string> {
  const found = new Map<string, string>();
  for (const [path, node] of device.disk.files(SHARED)) {
    if (!isFinalName(path)) continue;
    const what = node.type === 'file' ? keyOf(node.data) : node.target;
    const time = node.type === 'file' ? `${node.mtimeUs} ${node.executable}` : '';
    found.set(path, `${node.type} ${what} ${time}`);
  }
  return found;
}

/** Whether a file is not what its entry says, which nobody has changed. */
export function isDamaged(device: SimulatedDevice, path: string, node: DiskNode | undefined): boolean {
  return node?.healthy !== undefined && isFinalName(path) && isIndexedAs(device, path, node.healthy);
}

/** Whether the index says that `data` is at `path`. */
export function isIndexedAs({ index }: SimulatedDevice, path: string, data: Uint8Array): boolean {
  const { size, hash } = index?.get(nameOf(path)) ?? {};
  return hash !== undefined && size === data.length && Buffer.compare(hash, hashOf(data)) === 0;
}

/** As entries have it: that of the hashes of its blocks. */
function hashOf(data: Uint8Array): Uint8Array {
  const hashes = Array.from({ length: blockCount(data.length) }, (_, block) => {
    const { offset, length } = blockRange(data.length, block);
    return blake3(data.subarray(offset, offset + length));
  });
  return contentHash(Buffer.concat(hashes));
}

/** What the index calls a file on the disk. */
export function nameOf(path: string): RelativePath {
  return parseRelativePath(path.slice(SHARED.length + 1).normalize('NFC'));
}

type Excuse = (path: string) => boolean;

function demandAlike(one: SimulatedDevice, other: SimulatedDevice, isExcused: Excuse): void {
  demandContained(one, other, isExcused);
  demandContained(other, one, isExcused);
}

function demandContained(source: SimulatedDevice, copy: SimulatedDevice, isExcused: Excuse): void {
  const copies = live(copy);
  for (const [path, what] of live(source)) {
    const there = copies.get(path);
    if (there === what || isExcused(path)) continue;
    const problem = there === undefined ? 'is not there' : `is different (${tell(what)} / ${tell(there)})`;
    throw new Violation(`${path} of ${source.name} ${problem} on ${copy.name}`);
  }
}

/**
 * Whether a mirror has what somebody else has made of its source's: another rule has brought it before, or a person has
 * asked for it; or its source was set back to what it was before. A mirror does not go back.
 */
function isAhead(mirror: SimulatedDevice, source: SimulatedDevice, path: string): boolean {
  const name = nameOf(path);
  const [ours, theirs] = [mirror.index!.get(name), source.index!.get(name)];
  if (!ours || !theirs || compareVersions(ours.version, theirs.version) !== 'newer') return false;
  return lastChange(ours.version)?.device !== mirror.id;
}

/** The index says what is on the disk. */
function demandIndexed(device: SimulatedDevice): void {
  const only = new Set<string>(
    device.index!.after(0, 1e9).flatMap(({ path, deleted }) => (deleted ? [] : path)),
  );
  for (const [path, node] of device.disk.files(SHARED)) {
    if (!isFinalName(path)) continue;
    const name = nameOf(path);
    if (!only.delete(name)) throw new Violation(`${name} on ${device.name} is not indexed`);
    const entry = device.index!.get(name)!;
    const isSame =
      node.type === 'file'
        ? isIndexedAs(device, path, node.healthy ?? node.data) || isIndexedAs(device, path, node.data)
        : entry.type === node.type && entry.target === node.target;
    if (!isSame) throw new Violation(`${name} on ${device.name} is indexed as something else`);
    if (node.type === 'file' && (entry.mtimeUs !== node.mtimeUs || entry.executable !== node.executable))
      throw new Violation(`${name} on ${device.name} is indexed with another time or mode`);
  }
  if (only.size > 0) throw new Violation(`${[...only].join()} on ${device.name} is only indexed`);
}

function tell(what: string): string {
  const [type, content, ...rest] = what.split(' ');
  return [type, Buffer.from(content!, 'latin1').toString('hex').slice(0, 8), ...rest].join(' ');
}
