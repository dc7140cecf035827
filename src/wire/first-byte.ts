/** How the three kinds of caller of the one TCP port are told apart (PROTOCOL.md, clause 2.1). */
export type CallerKind = 'native' | 'classic' | 'unknown';

/** ContentType `handshake` of a TLS record (RFC 8446, section 5.1): a ClientHello begins with it. */
const TLS_HANDSHAKE = 0x16;
const CLASSIC_INITIALS = [...'BDL'].map((initial) => initial.charCodeAt(0));

/** Who calls, by the first byte of what they send. */
export function callerKind(firstByte: number): CallerKind {
  if (firstByte === TLS_HANDSHAKE) return 'native';
  return CLASSIC_INITIALS.includes(firstByte) ? 'classic' : 'unknown';
}
