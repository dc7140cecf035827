import { HASH_BYTES, MAX_BLOCK_BYTES } from '../../model/block-layout.ts';
import { MAX_PATH_BYTES } from '../../model/relative-path.ts';
import { ArrayReader } from '../array-reader.ts';
import { invalidMessage } from '../invalid.ts';
import { MAX_FILE_BYTES, MAX_REQUEST_ID } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import type { BlockRequest } from './message.ts';

export function encodeBlockRequest({ id, path, content, offset, length, hash }: BlockRequest): WireValue {
  return [id, path, content, offset, length, hash];
}

/** @throws MESSAGE_INVALID */
export function decodeBlockRequest(value: unknown): BlockRequest {
  const reader = new ArrayReader('block-request', value);
  const request: BlockRequest = {
    type: 'block-request',
    id: reader.integer('id', 0, MAX_REQUEST_ID),
    path: reader.path('path', MAX_PATH_BYTES),
    content: reader.bytes('content', { least: 0, most: HASH_BYTES }),
    offset: reader.integer('offset', 0, MAX_FILE_BYTES - 1),
    length: reader.integer('length', 1, MAX_BLOCK_BYTES),
    hash: reader.bytes('hash', { least: HASH_BYTES, most: HASH_BYTES }),
  };
  if (request.content.length !== 0 && request.content.length !== HASH_BYTES) {
    throw invalidMessage('block-request.content', `${HASH_BYTES} bytes or none`, request.content);
  }
  if (request.offset + request.length > MAX_FILE_BYTES) {
    throw invalidMessage('block-request.length', 'an end within the largest file', request.length);
  }
  return request;
}
