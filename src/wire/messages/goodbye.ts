import { ArrayReader } from '../array-reader.ts';
import type { WireValue } from '../message-pack.ts';
import type { Goodbye } from './message.ts';

/** By their numbers on the wire. */
const REASONS: readonly Goodbye['reason'][] = [
  'stopping',
  'duplicate',
  'protocol-error',
  'denied',
  'idle',
  'incompatible',
];

export function encodeGoodbye({ reason }: Goodbye): WireValue {
  return [REASONS.indexOf(reason)];
}

/** @throws MESSAGE_INVALID */
export function decodeGoodbye(value: unknown): Goodbye {
  return { type: 'goodbye', reason: new ArrayReader('goodbye', value).choice('reason', REASONS) };
}
