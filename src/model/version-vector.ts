import type { DeviceId } from './device-id.ts';

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

/** A higher counter cannot be counted on from: an honest one is a time in ms, some thousands of years below. */
const MAX_COUNTER = 2 ** 52;

/**
 * The version after a change by `device`: its counter is now the highest of all, so that the highest counter names the
 * last change. Counters follow the clock (`nowMs`, ms since the Unix epoch) where it is ahead, so that a device whose
 * index was lost does not start again below versions that others remember. Where a peer has driven a counter beyond
 * all reason, the version starts anew: then it is concurrent with the peer's, and neither replaces the other.
 */
export function incrementVersion(version: VersionVector, device: DeviceId, nowMs: number): VersionVector {
  const highest = Math.max(0, ...version.map(({ value }) => value));
  const base = highest < MAX_COUNTER ? version : [];
  const next = base.length === 0 ? 1 : highest + 1;
  return mergeVersions(base, [{ device, value: Math.max(next, Math.floor(nowMs)) }]);
}

/** The last change of `version`: its highest counter, and of equal ones that of the greatest device. */
export function lastChange(version: VersionVector): Counter | undefined {
  let last: Counter | undefined;
  for (const counter of version) if (!last || counter.value >= last.value) last = counter;
  return last;
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
