import { ArrayReader } from '../array-reader.ts';
import { MAX_NONCE } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import type { Ping, Pong } from './message.ts';

export function encodePing({ nonce }: Ping | Pong): WireValue {
  return [nonce];
}

/** A ping or the pong to it. @throws MESSAGE_INVALID */
export function decodePing<Type extends 'ping' | 'pong'>(type: Type, value: unknown) {
  return { type, nonce: new ArrayReader(type, value).integer('nonce', 0, MAX_NONCE) };
}
