import { HASH_BYTES, MAX_BLOCK_BYTES } from '../../model/block-layout.ts';
import { MAX_PATH_BYTES } from '../../model/relative-path.ts';
import { ArrayReader } from '../array-reader.ts';
import { invalidMessage } from '../invalid.ts';
import { MAX_FILE_BYTES, MAX_REQUEST_BLOCKS, MAX_REQUEST_ID } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import type { BlockRequest, WantedBlock } from './message.ts';

export function encodeBlockRequest({ id, blocks, compare }: BlockRequest): WireValue {
  const wanted = blocks.map(({ path, content, offset, length, hash }) => [
    path,
    content,
    offset,
    length,
    hash,
  ]);
  return compare ? [id, wanted, 1] : [id, wanted];
}

/** @throws MESSAGE_INVALID */
export function decodeBlockRequest(value: unknown): BlockRequest {
  const reader = new ArrayReader('block-request', value);
  const id = reader.integer('id', 0, MAX_REQUEST_ID);
  const blocks = reader.array('blocks', MAX_REQUEST_BLOCKS).map(decodeBlock);
  const bytes = blocks.reduce((sum, { length }) => sum + length, 0);
  if (blocks.length === 0 || bytes > MAX_BLOCK_BYTES) {
    throw invalidMessage('block-request.blocks', `1 to ${MAX_BLOCK_BYTES} bytes in all`, bytes);
  }
  const compare = reader.optionalInteger('compare', 0, 1) === 1;
  return { type: 'block-request', id, blocks, compare };
}

function decodeBlock(value: unknown): WantedBlock {
  const reader = new ArrayReader('block-request.block', value);
  const block: WantedBlock = {
    path: reader.path('path', MAX_PATH_BYTES),
    content: reader.bytes('content', { least: 0, most: HASH_BYTES }),
    offset: reader.integer('offset', 0, MAX_FILE_BYTES - 1),
    length: reader.integer('length', 1, MAX_BLOCK_BYTES),
    hash: reader.bytes('hash', { least: HASH_BYTES, most: HASH_BYTES }),
  };
  if (block.content.length !== 0 && block.content.length !== HASH_BYTES) {
    throw invalidMessage('block-request.block.content', `${HASH_BYTES} bytes or none`, block.content);
  }
  if (block.offset + block.length > MAX_FILE_BYTES) {
    throw invalidMessage('block-request.block.length', 'an end within the largest file', block.length);
  }
  return block;
}
