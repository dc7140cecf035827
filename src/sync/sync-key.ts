import type { RuleSettings } from '../config/settings.ts';
import { blake3 } from '../core/blake3.ts';
import { compareBytes } from '../model/path-order.ts';

/**
 * By what devices know that they have the same rule of mode `sync`: the BLAKE3 of its patterns, in lower case and in NFC, each
 * once, in the byte order of their UTF-8, each with a zero byte after it (PROTOCOL.md, 4.12). Undefined where it is of another
 * mode.
 */
export function syncKey({ mode, match }: RuleSettings): Uint8Array | undefined {
  if (mode !== 'sync') return undefined;
  const patterns = [...new Set(match.map(normalized))].sort(compareBytes);
  return blake3(Buffer.from(patterns.map((pattern) => `${pattern}\0`).join('')));
}

/** Case does not count in a pattern, and a `./` at its beginning says nothing. */
function normalized(pattern: string): string {
  return pattern
    .toLowerCase()
    .normalize('NFC')
    .replace(/^(!?)\.\//, '$1');
}
