import { deviceIdFromBytes, deviceIdToBytes, type DeviceId } from '../../model/device-id.ts';
import type { FileEntry } from '../../model/file-entry.ts';
import { ArrayReader } from '../array-reader.ts';
import { decodeFileEntry, encodeFileEntry, fileEntryBytes } from '../file-entry-codec.ts';
import { invalidMessage, Reason } from '../invalid.ts';
import { MAX_CONTROL_FRAME_BYTES, MAX_UPDATE_DEVICES, MAX_UPDATE_ENTRIES, MAX_VALUES } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import { decodeIndexId, encodeIndexId } from './index-id.ts';
import type { IndexUpdate } from './message.ts';

const DEVICE_BYTES = 32;
/** Bytes of an update besides its devices and entries, and of a device; upper bounds. */
const UPDATE_OVERHEAD_BYTES = 64;
const PACKED_DEVICE_BYTES = DEVICE_BYTES + 2;
/** MessagePack values of an entry besides its counters. */
const ENTRY_VALUES = 11;

export function encodeIndexUpdate({ indexId, after, until, entries }: IndexUpdate): WireValue {
  const devices = new Set<DeviceId>();
  for (const { version } of entries) for (const { device } of version) devices.add(device);
  const sorted = [...devices].sort();
  const numbers = new Map(sorted.map((device, index) => [device, index]));
  return [
    encodeIndexId(indexId),
    after,
    until,
    sorted.map(deviceIdToBytes),
    entries.map((entry) => encodeFileEntry(entry, numbers)),
  ];
}

/** @throws MESSAGE_INVALID */
export function decodeIndexUpdate(value: unknown): IndexUpdate {
  const reader = new ArrayReader('index-update', value);
  const indexId = decodeIndexId(reader);
  const after = reader.integer('after', 0, Number.MAX_SAFE_INTEGER);
  const until = reader.integer('until', after, Number.MAX_SAFE_INTEGER);
  const devices = decodeDevices(reader.array('devices', MAX_UPDATE_DEVICES));
  let last = after;
  const entries = reader.array('entries', MAX_UPDATE_ENTRIES).map((element) => {
    const entry = decodeFileEntry(element, devices);
    if (entry.sequence <= last || entry.sequence > until) {
      throw invalidMessage('entry.sequence', `above ${last}, at most ${until}`, entry.sequence);
    }
    last = entry.sequence;
    return entry;
  });
  return { type: 'index-update', indexId, after, until, entries };
}

/**
 * The same as one update, in as many as the limits demand: each fits its frame, and they follow one another without a
 * gap.
 */
export function* splitIndexUpdate({ indexId, after, until, entries }: IndexUpdate): Generator<IndexUpdate> {
  let from = after;
  let part: FileEntry[] = [];
  let devices = new Set<DeviceId>();
  let bytes = UPDATE_OVERHEAD_BYTES;
  let values = 0;
  for (const entry of entries) {
    const entryBytes = fileEntryBytes(entry);
    const entryValues = ENTRY_VALUES + 3 * entry.version.length;
    const fits =
      part.length < MAX_UPDATE_ENTRIES &&
      bytes + entryBytes + PACKED_DEVICE_BYTES * entry.version.length <= MAX_CONTROL_FRAME_BYTES &&
      values + entryValues <= MAX_VALUES - UPDATE_OVERHEAD_BYTES &&
      devices.size + entry.version.length <= MAX_UPDATE_DEVICES;
    const last = part.at(-1);
    if (last && !fits) {
      yield { type: 'index-update', indexId, after: from, until: last.sequence, entries: part };
      from = last.sequence;
      part = [];
      devices = new Set();
      bytes = UPDATE_OVERHEAD_BYTES;
      values = 0;
    }
    const known = devices.size;
    for (const { device } of entry.version) devices.add(device);
    part.push(entry);
    bytes += entryBytes + PACKED_DEVICE_BYTES * (devices.size - known);
    values += entryValues;
  }
  yield { type: 'index-update', indexId, after: from, until, entries: part };
}

function decodeDevices(values: readonly unknown[]): DeviceId[] {
  const reader = new ArrayReader('index-update.devices', values);
  const devices = values.map((_, index) =>
    deviceIdFromBytes(reader.bytes(String(index), { least: DEVICE_BYTES, most: DEVICE_BYTES })),
  );
  if (devices.some((device, index) => index > 0 && device <= devices[index - 1]!)) {
    throw invalidMessage(
      'index-update.devices',
      'each once, in ascending order of their text',
      new Reason('another order'),
    );
  }
  return devices;
}
