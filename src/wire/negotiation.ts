import type { Hello } from './messages/message.ts';

/** The protocol name in the TLS handshake (ALPN, RFC 7301). */
export const ALPN_PROTOCOL = 'compartidos/1';

/** The versions that this implementation speaks. */
export const PROTOCOL_VERSIONS: Hello['versions'] = { lowest: 3, highest: 3 };

/** The version of a connection, from both hellos, or undefined when there is none that both speak. */
export function negotiateVersion(ours: Hello['versions'], theirs: Hello['versions']): number | undefined {
  const version = Math.min(ours.highest, theirs.highest);
  return version >= Math.max(ours.lowest, theirs.lowest) ? version : undefined;
}
