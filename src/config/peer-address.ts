import { isIP } from 'node:net';
import type { StaticPeer } from './settings.ts';

export const DEFAULT_PORT = 6000;
/** RFC 1035 section 2.3.4, in its textual form. */
const MAX_HOST = 253;

/** Reads `host:port`, `192.0.2.7:6000`, `[2001:db8::7]:6000`; without a port it is the default one. */
export function readPeerAddress(value: unknown): StaticPeer | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (isIP(text) === 6) return { host: text, port: DEFAULT_PORT };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined;
  return plain !== undefined && isHostName(plain) ? { host: plain, port } : undefined;
}

function isHostName(text: string): boolean {
  if (isIP(text) === 4) return true;
  // A name of digits and dots alone would be a mistyped address.
  if (text.length > MAX_HOST || /^[\d.]+$/.test(text)) return false;
  return text
    .replace(/\.$/, '')
    .split('.')
    .every((label) => /^[\p{L}\p{N}_]([\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?$/u.test(label));
}
