import { isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** An IP address as people write it: an IPv4 address that came in through an IPv6 socket is an IPv4 address. */
export function plainAddress(address: string): string {
  return address.replace(MAPPED, '');
}

/** Without the zone of a link-local IPv6 address (RFC 4007, section 11). */
export function withoutZone(address: string): string {
  const at = address.indexOf('%');
  return at < 0 ? address : address.slice(0, at);
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** `host:port`, with brackets around an IPv6 address (RFC 3986, section 3.2.2). */
export function hostAndPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
