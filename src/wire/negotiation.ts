import type { Hello } from './messages/message.ts';

/** The protocol name in the TLS handshake (ALPN, RFC 7301). */
export const ALPN_PROTOCOL = 'compartidos/1';

/** The versions that this implementation speaks. */
export const PROTOCOL_VERSIONS: Hello['versions'] = { lowest: 2, highest: 2 };

/** The version of a connection, from both hellos, or undefined when there is none that both speak. */
export function negotiateVersion(ours: Hello['versions'], theirs: Hello['versions']): number | undefined {
  const version = Math.min(ours.highest, theirs.highest);
  return version >= Math.max(ours.lowest, theirs.lowest) ? version : undefined;
}

/** The features of a connection: those that both understand. */
export function negotiateFeatures(ours: readonly string[], theirs: readonly string[]): ReadonlySet<string> {
  return new Set(ours.filter((feature) => theirs.includes(feature)));
}
