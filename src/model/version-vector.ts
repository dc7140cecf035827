import { succeedingDevice, type DeviceId } from './device-id.ts';

/**
 * How often each device has changed an entry: what one version knows of the others. Counters are positive
 * integers. Devices are in ascending order and occur once, so that equal vectors are equal arrays.
 */
export type VersionVector = readonly Counter[];

/** Counters in one vector. There are as many devices in no network; a peer may invent them. */
export const MAX_COUNTERS = 1024;

export interface Counter {
  readonly device: DeviceId;
  readonly value: number;
}

export type Ordering = 'equal' | 'newer' | 'older' | 'concurrent';

/** How `a` stands to `b`: `newer` when it has seen all that `b` has and more. */
export function compareVersions(a: VersionVector, b: VersionVector): Ordering {
  if (isSameVector(a, b)) return 'equal';
  let ahead = false;
  let behind = false;
  for (const { device, left, right } of pairs(a, b)) {
    void device;
    if (left > right) ahead = true;
    if (left < right) behind = true;
  }
  if (ahead && behind) return 'concurrent';
  if (ahead) return 'newer';
  return behind ? 'older' : 'equal';
}

/**
 * The smallest vector that has seen both. Of more than MAX_COUNTERS the highest stay (of equal ones, those of the greatest
 * devices), the same whoever merges: then it is concurrent with what it has forgotten, and merging that again changes
 * nothing.
 */
export function mergeVersions(a: VersionVector, b: VersionVector): VersionVector {
  const merged = [...pairs(a, b)].map(({ device, left, right }) => ({
    device,
    value: Math.max(left, right),
  }));
  if (merged.length <= MAX_COUNTERS) return merged;
  const kept = new Set(
    [...merged]
      .reverse()
      .sort((x, y) => y.value - x.value)
      .slice(0, MAX_COUNTERS),
  );
  return merged.filter((counter) => kept.has(counter));
}

/** Counters from here on are beyond all reason: an honest one is a time in ms, some thousands of years below. */
const UNREASONABLE = 2 ** 52;

/**
 * The version after a change by `device`, newer than `version`: its counter is now the highest of all, so that the highest
 * counter names the last change. Counters follow the clock (`nowMs`, ms since the Unix epoch) where it is ahead, so that
 * a device whose index was lost does not start again below versions that others remember. What a peer has driven beyond
 * all reason is not counted on from, since nothing would be left above it, but stays: or what is changed here would not
 * take the place of what was changed. Where it is the counter of `device` itself that cannot be higher, another is taken.
 */
export function incrementVersion(version: VersionVector, device: DeviceId, nowMs: number): VersionVector {
  const own = version.find((counter) => counter.device === device)?.value ?? 0;
  if (own === Number.MAX_SAFE_INTEGER) return incrementVersion(version, succeedingDevice(device), nowMs);
  const highest = Math.max(0, ...version.map(reasonableValue));
  const value = Math.max(own + 1, Math.floor(nowMs), ...(highest + 1 < UNREASONABLE ? [highest + 1] : []));
  const next = mergeVersions(version, [{ device, value }]);
  // Without it, it would be the version of what was changed. This one is concurrent with that.
  return next.some((counter) => counter.device === device) ? next : [{ device, value }];
}

/**
 * The last change of `version`: its highest reasonable counter, and of equal ones that of the greatest device. Undefined
 * when it has none.
 */
export function lastChange(version: VersionVector): Counter | undefined {
  let last: Counter | undefined;
  for (const counter of version) {
    if (counter.value < UNREASONABLE && (!last || counter.value >= last.value)) last = counter;
  }
  return last;
}

function reasonableValue({ value }: Counter): number {
  return value < UNREASONABLE ? value : 0;
}

function isSameVector(a: VersionVector, b: VersionVector): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every(({ device, value }, index) => b[index]!.device === device && b[index]!.value === value);
}

function* pairs(
  a: VersionVector,
  b: VersionVector,
): Generator<{ device: DeviceId; left: number; right: number }> {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left && (!right || left.device < right.device)) {
      yield { device: left.device, left: left.value, right: 0 };
      i += 1;
    } else if (right && (!left || right.device < left.device)) {
      yield { device: right.device, left: 0, right: right.value };
      j += 1;
    } else {
      yield { device: left!.device, left: left!.value, right: right!.value };
      i += 1;
      j += 1;
    }
  }
}
