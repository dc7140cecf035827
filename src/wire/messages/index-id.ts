import type { ArrayReader } from '../array-reader.ts';
import { invalidMessage } from '../invalid.ts';
import { INDEX_ID_BYTES } from '../limits.ts';

/** The bytes of an index id; none for an empty one. */
export function encodeIndexId(indexId: string): Uint8Array {
  return Buffer.from(indexId, 'hex');
}

/** 16 hex digits. @throws MESSAGE_INVALID */
export function decodeIndexId(reader: ArrayReader): string {
  return hex(reader.bytes('index', { least: INDEX_ID_BYTES, most: INDEX_ID_BYTES }));
}

/** 16 hex digits, or empty. @throws MESSAGE_INVALID */
export function decodeOptionalIndexId(reader: ArrayReader): string {
  const bytes = reader.bytes('index', { least: 0, most: INDEX_ID_BYTES });
  if (bytes.length !== 0 && bytes.length !== INDEX_ID_BYTES) {
    throw invalidMessage('index', `${INDEX_ID_BYTES} bytes or none`, bytes);
  }
  return hex(bytes);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
