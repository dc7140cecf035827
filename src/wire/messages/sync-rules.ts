import { HASH_BYTES } from '../../model/block-layout.ts';
import { ArrayReader } from '../array-reader.ts';
import { MAX_SYNC_RULES } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import type { SyncRules } from './message.ts';

export function encodeSyncRules({ rules }: SyncRules): WireValue {
  return [[...rules]];
}

/** @throws MESSAGE_INVALID */
export function decodeSyncRules(value: unknown): SyncRules {
  const told = new ArrayReader('sync-rules', value).array('rules', MAX_SYNC_RULES);
  const reader = new ArrayReader('sync-rules.rules', told);
  const rules = told.map((_, index) => reader.bytes(String(index), { least: HASH_BYTES, most: HASH_BYTES }));
  return { type: 'sync-rules', rules };
}
