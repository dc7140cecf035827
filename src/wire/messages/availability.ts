import { HASH_BYTES } from '../../model/block-layout.ts';
import { MAX_PATH_BYTES } from '../../model/relative-path.ts';
import { ArrayReader } from '../array-reader.ts';
import { MAX_HAVE_BYTES } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import type { Availability } from './message.ts';

export function encodeAvailability({ path, hash, have }: Availability): WireValue {
  return [path, hash, have];
}

/** @throws MESSAGE_INVALID */
export function decodeAvailability(value: unknown): Availability {
  const reader = new ArrayReader('availability', value);
  return {
    type: 'availability',
    path: reader.path('path', MAX_PATH_BYTES),
    hash: reader.bytes('hash', { least: HASH_BYTES, most: HASH_BYTES }),
    have: reader.bytes('have', { least: 0, most: MAX_HAVE_BYTES }),
  };
}
