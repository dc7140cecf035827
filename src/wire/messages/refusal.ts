import { ArrayReader } from '../array-reader.ts';
import { MAX_REQUEST_ID } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import type { Refusal } from './message.ts';

/** By their numbers on the wire. */
const REASONS: readonly Refusal['reason'][] = ['not-found', 'denied', 'changed', 'busy', 'failed'];

export function encodeRefusal({ id, reason }: Refusal): WireValue {
  return [id, REASONS.indexOf(reason)];
}

/** @throws MESSAGE_INVALID */
export function decodeRefusal(value: unknown): Refusal {
  const reader = new ArrayReader('refusal', value);
  const id = reader.integer('id', 0, MAX_REQUEST_ID);
  return { type: 'refusal', id, reason: reader.choice('reason', REASONS) };
}
