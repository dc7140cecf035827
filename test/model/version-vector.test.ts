import test from 'ava';
import fc from 'fast-check';
import { deviceIdFromBytes, type DeviceId } from '../../src/model/device-id.ts';
import { deviceNamed } from '../support/entries.ts';
import {
  compareVersions,
  incrementVersion,
  lastChange,
  MAX_COUNTERS,
  mergeVersions,
  type Ordering,
  type VersionVector,
} from '../../src/model/version-vector.ts';

const devices = [1, 2, 3].map((byte) => deviceIdFromBytes(new Uint8Array(32).fill(byte)));
const anyDevice = fc.constantFrom(...devices);
const anyVersion: fc.Arbitrary<VersionVector> = fc
  .uniqueArray(fc.record({ device: anyDevice, value: fc.integer({ min: 1, max: 4 }) }), {
    selector: (counter) => counter.device,
  })
  .map((counters) => counters.sort((a, b) => (a.device < b.device ? -1 : 1)));

/** The plain definition: look at every device. */
function naive(a: VersionVector, b: VersionVector): Ordering {
  const value = (version: VersionVector, device: DeviceId) =>
    version.find((counter) => counter.device === device)?.value ?? 0;
  const ahead = devices.some((device) => value(a, device) > value(b, device));
  const behind = devices.some((device) => value(a, device) < value(b, device));
  return ahead ? (behind ? 'concurrent' : 'newer') : behind ? 'older' : 'equal';
}

test('comparison agrees with the definition', (t) => {
  fc.assert(fc.property(anyVersion, anyVersion, (a, b) => t.is(compareVersions(a, b), naive(a, b))));
});

test('comparison is symmetric: if a is newer, b is older', (t) => {
  const mirrored = { newer: 'older', older: 'newer', equal: 'equal', concurrent: 'concurrent' } as const;
  fc.assert(
    fc.property(anyVersion, anyVersion, (a, b) =>
      t.is(compareVersions(a, b), mirrored[compareVersions(b, a)]),
    ),
  );
});

test('a merged version has seen both, and is the same either way', (t) => {
  fc.assert(
    fc.property(anyVersion, anyVersion, (a, b) => {
      const merged = mergeVersions(a, b);
      t.deepEqual(merged, mergeVersions(b, a));
      for (const one of [a, b]) t.true(['newer', 'equal'].includes(compareVersions(merged, one)));
    }),
  );
});

test('a change makes a newer version, wherever the clock stands', (t) => {
  fc.assert(
    fc.property(anyVersion, anyDevice, fc.integer({ min: 0, max: 10 }), (version, device, now) => {
      t.is(compareVersions(incrementVersion(version, device, now), version), 'newer');
    }),
  );
});

test('a device that forgot its index still makes versions newer than its old ones', (t) => {
  const [device] = devices as [DeviceId];
  const remembered = incrementVersion([], device, 1_000_000);
  t.is(compareVersions(incrementVersion([], device, 1_000_500), remembered), 'newer');
});

test('the highest counter names the last change', (t) => {
  fc.assert(
    fc.property(anyVersion, anyDevice, fc.integer({ min: 0, max: 10 }), (version, device, now) => {
      t.is(lastChange(incrementVersion(version, device, now))?.device, device);
    }),
  );
});

test('what a peer counted beyond all reason is not counted on from, and what is changed is newer all the same', (t) => {
  const [self, peer] = devices as [DeviceId, DeviceId];
  const driven = [{ device: peer, value: Number.MAX_SAFE_INTEGER }];
  const version = incrementVersion(driven, self, 5);
  t.deepEqual(lastChange(version), { device: self, value: 5 });
  t.is(compareVersions(version, driven), 'newer');
  t.is(lastChange(driven), undefined);
});

test('no peer can count so high that a change would not be newer, however many follow', (t) => {
  const anyValue = fc.constantFrom(1, 5, 2 ** 52 - 2, 2 ** 52 - 1, 2 ** 52, 2 ** 53 - 2, 2 ** 53 - 1);
  const drivenVersion = fc
    .tuple(anyValue, anyValue, anyValue)
    .map((values) =>
      devices
        .map((device, at) => ({ device, value: values[at]! }))
        .sort((a, b) => (a.device < b.device ? -1 : 1)),
    );
  fc.assert(
    fc.property(drivenVersion, fc.array(anyDevice, { minLength: 1, maxLength: 6 }), (driven, changes) => {
      let version: VersionVector = driven;
      for (const device of changes) {
        const next = incrementVersion(version, device, 7);
        t.is(compareVersions(next, version), 'newer');
        t.true(next.every(({ value }) => Number.isSafeInteger(value)));
        version = next;
      }
    }),
  );
});

test('where peers leave no room for the counter of a change, the version is concurrent with what was changed', (t) => {
  for (const value of [2 ** 52 - 1, 2 ** 52, Number.MAX_SAFE_INTEGER]) {
    const full = Array.from({ length: MAX_COUNTERS }, (_, at) => ({
      device: deviceNamed(`${at}`),
      value,
    })).sort((a, b) => (a.device < b.device ? -1 : 1));
    const version = incrementVersion(full, devices[0]!, 5);
    t.deepEqual(version, [{ device: devices[0]!, value: 5 }]);
    t.is(compareVersions(version, full), 'concurrent');
  }
});

test('a version never has more counters than can be told, and merging what it has forgotten changes nothing', (t) => {
  const invented = (from: number, count: number): VersionVector =>
    Array.from({ length: count }, (_, at) => ({
      device: deviceNamed(`invented ${from + at}`),
      value: 1 + ((at * 7) % 50),
    })).sort((a, b) => (a.device < b.device ? -1 : 1));
  const [ours, theirs] = [invented(0, MAX_COUNTERS), invented(700, MAX_COUNTERS)];
  const merged = mergeVersions(ours, theirs);
  t.is(merged.length, MAX_COUNTERS);
  t.deepEqual(mergeVersions(theirs, ours), merged);
  const kept = new Set(merged.map(({ device }) => device));
  const forgotten = [...ours, ...theirs].filter(({ device }) => !kept.has(device));
  const lowest = Math.min(...merged.map(({ value }) => value));
  t.true(forgotten.every(({ value }) => value <= lowest));
  t.deepEqual(mergeVersions(merged, ours), merged);
  t.deepEqual(mergeVersions(merged, theirs), merged);
  const changed = incrementVersion(ours, devices[0]!, 0);
  t.is(changed.length, MAX_COUNTERS);
  t.deepEqual(lastChange(changed), { device: devices[0]!, value: 51 });
});
