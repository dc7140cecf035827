import type { RuleSettings } from '../../src/config/settings.ts';
import { parseRelativePath, PRIVATE_FOLDER } from '../../src/model/relative-path.ts';
import { compareVersions, lastChange } from '../../src/model/version-vector.ts';
import type { DiskNode } from './disk-node.ts';
import { keyOf, Violation, type Oracle } from './oracle.ts';
import { SHARED, type SimulatedDevice } from './simulated-device.ts';

const PRIVATE = `${SHARED}/${PRIVATE_FOLDER}`;
const INCOMING = `${PRIVATE}/incoming`;

/** Whether a path is one under which people look for files. */
export function isFinalName(path: string): boolean {
  return path.startsWith(`${SHARED}/`) && !path.startsWith(`${PRIVATE}/`) && path !== PRIVATE;
}

/** @throws Violation when a file has a final name and a content that nobody has ever written. */
export function demandWhole(path: string, node: DiskNode, oracle: Oracle, device: string): void {
  if (node.type !== 'file' || !isFinalName(path) || oracle.describe(node.data) !== undefined) return;
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
  for (const other of others) {
    if (mode === 'sync') demandAlike(first!, other);
    const isExcused = (path: string) => !isStrict && isAhead(other, first!, path);
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

function demandAlike(one: SimulatedDevice, other: SimulatedDevice): void {
  demandContained(one, other);
  demandContained(other, one);
}

function demandContained(
  source: SimulatedDevice,
  copy: SimulatedDevice,
  isExcused: (path: string) => boolean = () => false,
): void {
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
  const name = parseRelativePath(path.slice(SHARED.length + 1).normalize('NFC'));
  const [ours, theirs] = [mirror.index!.get(name), source.index!.get(name)];
  if (!ours || !theirs || compareVersions(ours.version, theirs.version) !== 'newer') return false;
  return lastChange(ours.version)?.device !== mirror.id;
}

/** The index says what is on the disk. */
function demandIndexed(device: SimulatedDevice): void {
  const indexed = new Map<string, string>();
  for (const { path, type, deleted, hash, target } of device.index!.after(0, 1e9)) {
    if (!deleted)
      indexed.set(path, `${type} ${hash ? Buffer.from(hash).toString('hex').slice(0, 8) : target}`);
  }
  for (const path of live(device).keys()) {
    const name = path.slice(SHARED.length + 1).normalize('NFC');
    if (indexed.delete(name)) continue;
    throw new Violation(`${name} on ${device.name} is not indexed`);
  }
  if (indexed.size > 0)
    throw new Violation(`${[...indexed.keys()].join()} on ${device.name} is only indexed`);
}

function tell(what: string): string {
  const [type, content, ...rest] = what.split(' ');
  return [type, Buffer.from(content!, 'latin1').toString('hex').slice(0, 8), ...rest].join(' ');
}
