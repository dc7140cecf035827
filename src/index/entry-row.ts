import { deviceIdFromBytes, deviceIdToBytes, type DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { VersionVector } from '../model/version-vector.ts';
import type { SqlRow } from './sqlite.ts';

/** The columns that `entryOfRow` reads, in its order. */
export const ENTRY_COLUMNS = 'path, sequence, flags, size, mtime, hash, target, version, blocks';

/** Bits of `flags`: the two lowest say the type. */
export const TYPE_BITS = 3;
export const DELETED_BIT = 4;
export const EXECUTABLE_BIT = 8;
/** SQL: the row is a file that is there. */
export const IS_LIVE_FILE = `(flags & ${TYPE_BITS | DELETED_BIT}) = 0`;

const TYPES = ['file', 'directory', 'symlink'] as const;
/** SQL: the row is that of a folder, there or not. */
export const IS_FOLDER = `(flags & ${TYPE_BITS}) = ${TYPES.indexOf('directory')}`;
/** SQL: it is there, whatever it is. */
export const IS_LIVE = `(flags & ${DELETED_BIT}) = 0`;
const NO_BYTES = new Uint8Array();

export function flagsOf(entry: Omit<FileEntry, 'sequence'>): number {
  return (
    TYPES.indexOf(entry.type) | (entry.deleted ? DELETED_BIT : 0) | (entry.executable ? EXECUTABLE_BIT : 0)
  );
}

export function typeOfFlags(flags: number): FileEntry['type'] {
  return TYPES[flags & TYPE_BITS]!;
}

/** Whether `flags` are those of a file that is there. */
export function isLiveFile(flags: number): boolean {
  return (flags & (TYPE_BITS | DELETED_BIT)) === 0;
}

/** @param row of `ENTRY_COLUMNS`. */
export function entryOfRow(row: SqlRow): FileEntry {
  const flags = row[2] as number;
  return {
    path: row[0] as RelativePath,
    type: typeOfFlags(flags),
    deleted: (flags & DELETED_BIT) !== 0,
    size: row[3] as number,
    mtimeUs: row[4] as number,
    executable: (flags & EXECUTABLE_BIT) !== 0,
    target: (row[6] as string | null) ?? '',
    version: versionOfBytes(row[7] as Buffer),
    blocks: bytesOf(row[8] as Buffer | null) ?? NO_BYTES,
    hash: bytesOf(row[5] as Buffer | null),
    sequence: row[1] as number,
  };
}

/** Bytes that an entry takes in the database besides what follows, with its places in the indexes. */
const ROW_BYTES = 256;
/** A path lies in the row, in one or two indexes, and in pages that it seldom fills. */
const PATH_COPIES = 4;

/** About how many bytes `entry` takes in the database. What is stored of a device is counted like this (PROTOCOL.md, 6.3). */
export function storedBytes({ path, target, version, blocks }: Omit<FileEntry, 'sequence'>): number {
  const texts = PATH_COPIES * Buffer.byteLength(path) + Buffer.byteLength(target);
  return ROW_BYTES + texts + version.length * COUNTER_BYTES + blocks.length;
}

/** SQL: the same of a row; its `blocks` are not read. */
export const STORED_BYTES = `(${ROW_BYTES} + ${PATH_COPIES} * octet_length(path) + coalesce(octet_length(target), 0) +
  length(version) + coalesce(length(blocks), 0))`;

/** A blob as plain bytes, or undefined for NULL. */
export function bytesOf(blob: Buffer | null): Uint8Array | undefined {
  return blob === null ? undefined : new Uint8Array(blob.buffer, blob.byteOffset, blob.length);
}

const ID_BYTES = 32;
/** A counter is stored as a double, which holds every safe integer exactly. */
const COUNTER_BYTES = ID_BYTES + 8;

/** 40 bytes a counter: smaller than a general encoding, since nearly every vector has one or two. */
export function versionToBytes(version: VersionVector): Uint8Array {
  const bytes = Buffer.allocUnsafe(version.length * COUNTER_BYTES);
  version.forEach(({ device, value }, index) => {
    bytes.set(idToBytes(device), index * COUNTER_BYTES);
    bytes.writeDoubleBE(value, index * COUNTER_BYTES + ID_BYTES);
  });
  return bytes;
}

export function versionOfBytes(bytes: Buffer): VersionVector {
  // An array that grows by `push` has room for 17, and thousands of these are kept.
  return Array.from({ length: Math.floor(bytes.length / COUNTER_BYTES) }, (_, index) => {
    const at = index * COUNTER_BYTES;
    return { device: idOfBytes(bytes, at), value: bytes.readDoubleBE(at + ID_BYTES) };
  });
}

/** The few devices of a network occur in every entry: the last conversions are remembered. */
const REMEMBERED = 256;
const bytesById = new Map<DeviceId, Uint8Array>();
const idByBytes = new Map<string, DeviceId>();

function idToBytes(id: DeviceId): Uint8Array {
  let bytes = bytesById.get(id);
  if (!bytes) {
    bytes = deviceIdToBytes(id);
    if (bytesById.size >= REMEMBERED) bytesById.clear();
    bytesById.set(id, bytes);
  }
  return bytes;
}

function idOfBytes(bytes: Buffer, at: number): DeviceId {
  const key = bytes.toString('latin1', at, at + ID_BYTES);
  let id = idByBytes.get(key);
  if (!id) {
    id = deviceIdFromBytes(bytes.subarray(at, at + ID_BYTES));
    if (idByBytes.size >= REMEMBERED) idByBytes.clear();
    idByBytes.set(key, id);
  }
  return id;
}
