import { ArrayReader } from '../array-reader.ts';
import type { WireValue } from '../message-pack.ts';
import { decodeOptionalIndexId, encodeIndexId } from './index-id.ts';
import type { IndexQuery } from './message.ts';

export function encodeIndexQuery({ indexId, after }: IndexQuery): WireValue {
  return [encodeIndexId(indexId), after];
}

/** @throws MESSAGE_INVALID */
export function decodeIndexQuery(value: unknown): IndexQuery {
  const reader = new ArrayReader('index-query', value);
  const indexId = decodeOptionalIndexId(reader);
  return { type: 'index-query', indexId, after: reader.integer('after', 0, Number.MAX_SAFE_INTEGER) };
}
