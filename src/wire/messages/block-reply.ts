import { MAX_BLOCK_BYTES } from '../../model/block-layout.ts';
import { invalidMessage } from '../invalid.ts';
import { BLOCK_REPLY_HEADER_BYTES } from '../limits.ts';
import type { BlockReply } from './message.ts';

/** The body's two pieces. The block itself is not copied. */
export function encodeBlockReply({ id, bytes }: BlockReply): [header: Uint8Array, block: Uint8Array] {
  const header = Buffer.allocUnsafe(BLOCK_REPLY_HEADER_BYTES);
  header.writeUInt32BE(id);
  return [header, bytes];
}

/** `bytes` is a view of `body`. @throws MESSAGE_INVALID */
export function decodeBlockReply(body: Uint8Array): BlockReply {
  const length = body.length - BLOCK_REPLY_HEADER_BYTES;
  if (length < 1 || length > MAX_BLOCK_BYTES) {
    throw invalidMessage('block-reply', `an id and 1 to ${MAX_BLOCK_BYTES} bytes`, body);
  }
  const id = new DataView(body.buffer, body.byteOffset).getUint32(0);
  return { type: 'block-reply', id, bytes: body.subarray(BLOCK_REPLY_HEADER_BYTES) };
}
