import { HASH_BYTES } from '../../model/block-layout.ts';
import { ArrayReader } from '../array-reader.ts';
import { MAX_SYNC_RULES } from '../limits.ts';
import type { WireValue } from '../message-pack.ts';
import type { SyncRules } from './message.ts';

export function encodeSyncRules({ rules }: SyncRules): WireValue {
  return [rules.map(({ key, since }) => [key, since])];
}

/** @throws MESSAGE_INVALID */
export function decodeSyncRules(value: unknown): SyncRules {
  const told = new ArrayReader('sync-rules', value).array('rules', MAX_SYNC_RULES);
  const rules = told.map((element) => {
    const reader = new ArrayReader('sync-rules.rule', element);
    return {
      key: reader.bytes('key', { least: HASH_BYTES, most: HASH_BYTES }),
      since: reader.integer('since', 0, Number.MAX_SAFE_INTEGER),
    };
  });
  return { type: 'sync-rules', rules };
}
