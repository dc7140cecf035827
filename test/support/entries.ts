import { blake3 } from '../../src/core/blake3.ts';
import { createHash } from 'node:crypto';
import { blockCount, HASH_BYTES } from '../../src/model/block-layout.ts';
import { deviceIdFromBytes, type DeviceId } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';

/** A device that is always the same for the same `name`. */
export function deviceNamed(name: string): DeviceId {
  return deviceIdFromBytes(createHash('sha256').update(name).digest());
}

/** Block hashes that a file of `size` bytes with this `content` could have. */
export function blocksOf(content: string, size: number): Uint8Array {
  const blocks = new Uint8Array(blockCount(size) * HASH_BYTES);
  for (let index = 0; index < blockCount(size); index += 1) {
    blocks.set(blake3(Buffer.from(`${content} ${index}`)), index * HASH_BYTES);
  }
  return blocks;
}

/** A live file of 1000 bytes; `content` says which, and is the path unless given. */
export function fileEntry(path: string, fields: Partial<FileEntry> & { content?: string } = {}): FileEntry {
  const { content = path, ...rest } = fields;
  const size = rest.size ?? 1000;
  const blocks = rest.blocks ?? blocksOf(content, size);
  return {
    type: 'file',
    deleted: false,
    size,
    mtimeUs: 1_700_000_000_000_000,
    executable: false,
    target: '',
    version: [{ device: deviceNamed('writer'), value: 1 }],
    blocks,
    hash: new Uint8Array(blake3(Buffer.from(blocks))),
    sequence: 1,
    ...rest,
    path: parseRelativePath(path),
  };
}

/** That `path` was deleted. */
export function tombstone(path: string, fields: Partial<FileEntry> = {}): FileEntry {
  return fileEntry(path, {
    deleted: true,
    size: 0,
    blocks: new Uint8Array(),
    hash: undefined,
    ...fields,
  });
}
