import { CompartidosError } from '../core/errors.ts';
import { invalidFrame } from './invalid.ts';
import { FRAME_HEADER_BYTES } from './limits.ts';
import { packValue, unpackValue, type WireValue } from './message-pack.ts';
import { MESSAGE_TYPES, messageTypeOf } from './message-types.ts';
import { decodeAvailability, encodeAvailability } from './messages/availability.ts';
import { decodeBlockReply, encodeBlockReply } from './messages/block-reply.ts';
import { decodeBlockRequest, encodeBlockRequest } from './messages/block-request.ts';
import { decodeGoodbye, encodeGoodbye } from './messages/goodbye.ts';
import { decodeHello, encodeHello } from './messages/hello.ts';
import { decodeIndexQuery, encodeIndexQuery } from './messages/index-query.ts';
import { decodeIndexUpdate, encodeIndexUpdate } from './messages/index-update.ts';
import type { BlockReply, Message } from './messages/message.ts';
import { decodePeers, encodePeers } from './messages/peers.ts';
import { decodePing, encodePing } from './messages/ping.ts';
import { decodeSyncRules, encodeSyncRules } from './messages/sync-rules.ts';

/**
 * The frame of `message`, in pieces to be sent one after the other: the bytes of blocks are not copied.
 * @throws INTERNAL when it is larger than its type allows, which means that the caller has not kept to the limits.
 */
export function encodeMessage(message: Message): Uint8Array[] {
  if (message.type === 'block-reply') {
    const [header, ...blocks] = encodeBlockReply(message);
    const bytes = blocks.reduce((sum, { length }) => sum + length, header!.length);
    return [Buffer.concat([encodeFrameHeader(message.type, bytes), header!]), ...blocks];
  }
  const body = packValue(encodeBody(message));
  return [Buffer.concat([encodeFrameHeader(message.type, body.length), body])];
}

/**
 * The message of a frame. Byte fields are views of `body`: it must not be changed as long as the message is in use,
 * and whoever keeps a small part of a large message should copy it.
 * @throws MESSAGE_INVALID, FRAME_INVALID for an unknown type
 */
export function decodeFrame(type: number, body: Uint8Array): Message {
  const messageType = messageTypeOf(type);
  switch (messageType) {
    case undefined:
      throw invalidFrame('a known type', `0x${type.toString(16)}`);
    case 'block-reply':
      return decodeBlockReply(body);
    case 'hello':
      return decodeHello(unpackValue(body));
    case 'goodbye':
      return decodeGoodbye(unpackValue(body));
    case 'ping':
    case 'pong':
      return decodePing(messageType, unpackValue(body));
    case 'index-query':
      return decodeIndexQuery(unpackValue(body));
    case 'index-update':
      return decodeIndexUpdate(unpackValue(body));
    case 'availability':
      return decodeAvailability(unpackValue(body));
    case 'peers':
      return decodePeers(unpackValue(body));
    case 'sync-rules':
      return decodeSyncRules(unpackValue(body));
    case 'block-request':
      return decodeBlockRequest(unpackValue(body));
  }
}

function encodeBody(message: Exclude<Message, BlockReply>): WireValue {
  switch (message.type) {
    case 'hello':
      return encodeHello(message);
    case 'goodbye':
      return encodeGoodbye(message);
    case 'ping':
    case 'pong':
      return encodePing(message);
    case 'index-query':
      return encodeIndexQuery(message);
    case 'index-update':
      return encodeIndexUpdate(message);
    case 'availability':
      return encodeAvailability(message);
    case 'peers':
      return encodePeers(message);
    case 'sync-rules':
      return encodeSyncRules(message);
    case 'block-request':
      return encodeBlockRequest(message);
  }
}

function encodeFrameHeader(type: Message['type'], bodyBytes: number): Uint8Array {
  const { number, maxFrameBytes } = MESSAGE_TYPES[type];
  if (bodyBytes + 1 > maxFrameBytes) {
    throw new CompartidosError('INTERNAL', { message: `${type} of ${bodyBytes} bytes is beyond its limit` });
  }
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32BE(bodyBytes + 1);
  header.writeUInt8(number, FRAME_HEADER_BYTES - 1);
  return header;
}
