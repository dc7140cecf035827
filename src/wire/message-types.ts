import {
  MAX_CONTROL_FRAME_BYTES,
  MAX_DATA_FRAME_BYTES,
  MAX_REQUEST_FRAME_BYTES,
  MAX_SMALL_FRAME_BYTES,
} from './limits.ts';
import type { Hello, Message } from './messages/message.ts';

export type MessageType = Message['type'];

interface TypeFacts {
  /** The type byte of its frames. */
  readonly number: number;
  /** The largest length field of its frames. */
  readonly maxFrameBytes: number;
  /** On which connections it may be sent once the hellos are exchanged. */
  readonly roles: readonly Hello['role'][];
}

const BOTH = ['control', 'data'] as const;

/** PROTOCOL.md, clause 3.5. */
export const MESSAGE_TYPES: Readonly<Record<MessageType, TypeFacts>> = {
  hello: { number: 0x01, maxFrameBytes: MAX_SMALL_FRAME_BYTES, roles: [] },
  goodbye: { number: 0x02, maxFrameBytes: MAX_SMALL_FRAME_BYTES, roles: BOTH },
  ping: { number: 0x03, maxFrameBytes: MAX_SMALL_FRAME_BYTES, roles: BOTH },
  pong: { number: 0x04, maxFrameBytes: MAX_SMALL_FRAME_BYTES, roles: BOTH },
  'index-query': { number: 0x10, maxFrameBytes: MAX_SMALL_FRAME_BYTES, roles: ['control'] },
  'index-update': { number: 0x11, maxFrameBytes: MAX_CONTROL_FRAME_BYTES, roles: ['control'] },
  availability: { number: 0x12, maxFrameBytes: MAX_SMALL_FRAME_BYTES, roles: ['control'] },
  peers: { number: 0x13, maxFrameBytes: MAX_CONTROL_FRAME_BYTES, roles: ['control'] },
  'sync-rules': { number: 0x14, maxFrameBytes: MAX_REQUEST_FRAME_BYTES, roles: ['control'] },
  'block-request': { number: 0x20, maxFrameBytes: MAX_REQUEST_FRAME_BYTES, roles: BOTH },
  'block-reply': { number: 0x21, maxFrameBytes: MAX_DATA_FRAME_BYTES, roles: BOTH },
};

const BY_NUMBER: ReadonlyMap<number, MessageType> = new Map(
  Object.entries(MESSAGE_TYPES).map(([type, { number }]) => [number, type as MessageType]),
);

/** The message type of a frame's type byte, or undefined when there is none. */
export function messageTypeOf(number: number): MessageType | undefined {
  return BY_NUMBER.get(number);
}
