import type { RuleSettings } from '../config/settings.ts';
import { blake3 } from '../core/blake3.ts';
import { compareBytes } from '../model/path-order.ts';

/**
 * By what devices know that they have the same rule of mode `sync`: the BLAKE3 of its patterns, each once, in the byte
 * order of their UTF-8, each with a zero byte after it (PROTOCOL.md, 4.12). Undefined where it is of another mode, or
 * keeps what comes somewhere else.
 */
export function syncKey({ mode, match, into }: RuleSettings): Uint8Array | undefined {
  if (mode !== 'sync' || into !== undefined) return undefined;
  const patterns = [...new Set(match)].sort(compareBytes);
  return blake3(Buffer.from(patterns.map((pattern) => `${pattern}\0`).join('')));
}
