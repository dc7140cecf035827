import { blockCount, HASH_BYTES } from '../model/block-layout.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { MAX_PATH_BYTES } from '../model/relative-path.ts';
import type { VersionVector } from '../model/version-vector.ts';
import { ArrayReader } from './array-reader.ts';
import { contentHash } from './content-hash.ts';
import { invalidMessage } from './invalid.ts';
import {
  MAX_BLOCK_HASHES_BYTES,
  MAX_COUNTERS,
  MAX_FILE_BYTES,
  MAX_TARGET_BYTES,
  MAX_UPDATE_DEVICES,
} from './limits.ts';
import type { WireValue } from './message-pack.ts';

/** By their numbers on the wire. */
const TYPES: readonly FileEntry['type'][] = ['file', 'directory', 'symlink'];
const DELETED = 1;
const EXECUTABLE = 2;

/** Bytes that an entry takes on the wire besides its path, target, version and blocks; an upper bound. */
const ENTRY_OVERHEAD_BYTES = 96;
const COUNTER_BYTES = 14;

/**
 * The wire array of `entry` (PROTOCOL.md, clause 4.7). `devices` numbers the devices of its version, in ascending
 * order. What says nothing is left out: the content of what is not a live file, the target of what is not a live link.
 */
export function encodeFileEntry(entry: FileEntry, devices: ReadonlyMap<DeviceId, number>): WireValue {
  const hasContent = entry.type === 'file' && !entry.deleted;
  const version: number[] = [];
  for (const { device, value } of entry.version) version.push(devices.get(device)!, value);
  return [
    entry.path,
    TYPES.indexOf(entry.type),
    (entry.deleted ? DELETED : 0) | (entry.executable ? EXECUTABLE : 0),
    entry.size,
    entry.mtimeUs,
    entry.deleted ? '' : entry.target,
    version,
    entry.blocks,
    (hasContent ? entry.hash : undefined) ?? null,
    entry.sequence,
  ];
}

/**
 * The entry of a wire array. `blocks` and `hash` are views of the body.
 * @throws MESSAGE_INVALID
 */
export function decodeFileEntry(value: unknown, devices: readonly DeviceId[]): FileEntry {
  const reader = new ArrayReader('entry', value);
  const path = reader.path('path', MAX_PATH_BYTES);
  const type = reader.choice('type', TYPES);
  const flags = reader.integer('flags', 0, DELETED | EXECUTABLE);
  const size = reader.integer('size', 0, MAX_FILE_BYTES);
  const mtimeUs = reader.integer('mtime', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const target = reader.text('target', { least: 0, most: MAX_TARGET_BYTES });
  const version = decodeVersion(reader.array('version', 2 * MAX_COUNTERS), devices);
  const blocks = reader.bytes('blocks', { least: 0, most: MAX_BLOCK_HASHES_BYTES });
  const hash = reader.optionalBytes('hash', { least: HASH_BYTES, most: HASH_BYTES });
  const sequence = reader.integer('sequence', 1, Number.MAX_SAFE_INTEGER);
  const deleted = (flags & DELETED) !== 0;
  const entry: FileEntry = {
    path,
    type,
    deleted,
    size,
    mtimeUs,
    executable: (flags & EXECUTABLE) !== 0,
    target,
    version,
    blocks,
    hash,
    sequence,
  };
  checkVersion(entry);
  checkTarget(entry);
  checkContent(entry);
  return entry;
}

/** At most how many bytes `entry` takes on the wire. */
export function fileEntryBytes(entry: FileEntry): number {
  return (
    ENTRY_OVERHEAD_BYTES +
    Buffer.byteLength(entry.path) +
    Buffer.byteLength(entry.target) +
    entry.version.length * COUNTER_BYTES +
    entry.blocks.length
  );
}

function decodeVersion(pairs: readonly unknown[], devices: readonly DeviceId[]): VersionVector {
  if (pairs.length % 2 !== 0) throw invalidMessage('entry.version', 'pairs of device and counter', pairs);
  const reader = new ArrayReader('entry.version', pairs);
  let least = 0;
  return Array.from({ length: pairs.length / 2 }, () => {
    const index = reader.integer('device', least, Math.min(devices.length, MAX_UPDATE_DEVICES) - 1);
    least = index + 1;
    return { device: devices[index]!, value: reader.integer('counter', 1, Number.MAX_SAFE_INTEGER) };
  });
}

/** Nobody has deleted what is withdrawn: its tombstone alone has no version. */
function checkVersion({ deleted, version }: FileEntry): void {
  if (version.length > 0 || deleted) return;
  throw invalidMessage('entry.version', 'one or more pairs of device and counter', version);
}

function checkTarget({ type, deleted, target }: FileEntry): void {
  const isLink = type === 'symlink' && !deleted;
  if (isLink ? target === '' || target.includes('\0') : target !== '') {
    throw invalidMessage('entry.target', isLink ? 'a target without NUL' : 'no target', target);
  }
}

function checkContent({ type, deleted, size, blocks, hash }: FileEntry): void {
  if (type !== 'file' || deleted) {
    if (size !== 0) throw invalidMessage('entry.size', '0 unless it is a live file', size);
    if (blocks.length !== 0) throw invalidMessage('entry.blocks', 'none unless it is a live file', blocks);
    if (hash) throw invalidMessage('entry.hash', 'nil unless it is a live file', hash);
    return;
  }
  const complete = blockCount(size) * HASH_BYTES;
  if (blocks.length % HASH_BYTES !== 0 || blocks.length > complete) {
    throw invalidMessage('entry.blocks', `a multiple of ${HASH_BYTES}, at most ${complete} bytes`, blocks);
  }
  if (!hash) return;
  if (blocks.length !== complete) {
    throw invalidMessage('entry.hash', 'nil while blocks are missing', hash);
  }
  // Contents are taken for equal when their hashes are: nobody may put another content under a known hash.
  if (Buffer.compare(contentHash(blocks), hash) !== 0) {
    throw invalidMessage('entry.hash', 'the BLAKE3 of the blocks', hash);
  }
}
