import type { Hello } from './messages/message.ts';

/** The protocol name in the TLS handshake (ALPN, RFC 7301). */
export const ALPN_PROTOCOL = 'compartidos/1';

/** The versions that this implementation speaks. */
export const PROTOCOL_VERSIONS: Hello['versions'] = { lowest: 2, highest: 2 };

/** The optional features that it understands (PROTOCOL.md, 5.5). */
export const FEATURES = ['sync-rules'] as const;

export type Feature = (typeof FEATURES)[number];

/** The features of a connection to whoever understands `theirs`. */
export function commonFeatures(theirs: Hello['features']): ReadonlySet<Feature> {
  return new Set(FEATURES.filter((feature) => theirs.includes(feature)));
}

/** The version of a connection, from both hellos, or undefined when there is none that both speak. */
export function negotiateVersion(ours: Hello['versions'], theirs: Hello['versions']): number | undefined {
  const version = Math.min(ours.highest, theirs.highest);
  return version >= Math.max(ours.lowest, theirs.lowest) ? version : undefined;
}
