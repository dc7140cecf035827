import { MAX_BLOCK_BYTES } from '../../model/block-layout.ts';
import { invalidMessage } from '../invalid.ts';
import { BLOCK_REPLY_HEADER_BYTES, MAX_REQUEST_BLOCKS } from '../limits.ts';
import type { BlockReply } from './message.ts';

/** By their numbers on the wire. */
const OUTCOMES: readonly BlockReply['outcomes'][number][] = [
  'sent',
  'not-found',
  'denied',
  'changed',
  'busy',
  'failed',
];

/** The body in pieces: the blocks themselves are not copied. */
export function encodeBlockReply({ id, outcomes, bytes }: BlockReply): Uint8Array[] {
  const header = Buffer.allocUnsafe(BLOCK_REPLY_HEADER_BYTES + outcomes.length);
  header.writeUInt32BE(id);
  header.writeUInt16BE(outcomes.length, 4);
  outcomes.forEach((outcome, index) => {
    header[BLOCK_REPLY_HEADER_BYTES + index] = OUTCOMES.indexOf(outcome);
  });
  return [header, ...bytes];
}

/** The bytes are a view of `body`. @throws MESSAGE_INVALID */
export function decodeBlockReply(body: Uint8Array): BlockReply {
  if (body.length < BLOCK_REPLY_HEADER_BYTES) {
    throw invalidMessage('block-reply', 'an id and a count', body);
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const count = view.getUint16(4);
  const start = BLOCK_REPLY_HEADER_BYTES + count;
  if (
    count < 1 ||
    count > MAX_REQUEST_BLOCKS ||
    start > body.length ||
    body.length - start > MAX_BLOCK_BYTES
  ) {
    throw invalidMessage('block-reply', `the outcomes of 1 to ${MAX_REQUEST_BLOCKS} blocks, then them`, body);
  }
  const outcomes = Array.from(body.subarray(BLOCK_REPLY_HEADER_BYTES, start), (number) => {
    const outcome = OUTCOMES[number];
    if (outcome === undefined) throw invalidMessage('block-reply.outcomes', 'an outcome', number);
    return outcome;
  });
  const bytes = start < body.length ? [body.subarray(start)] : [];
  return { type: 'block-reply', id: view.getUint32(0), outcomes, bytes };
}
