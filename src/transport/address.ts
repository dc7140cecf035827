import { isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** An IP address as people write it: an IPv4 address that came in through an IPv6 socket is an IPv4 address. */
export function plainAddress(address: string): string {
  return address.replace(MAPPED, '');
}

/** Whether `address` of a connection is still one of those that the machine has. Zones are not compared. */
export function isPresent(address: string, addresses: readonly string[]): boolean {
  // The loopback interface is there even where it is not listed.
  if (address === '::1' || address.startsWith('127.')) return true;
  return addresses.some((present) => withoutZone(present) === withoutZone(address));
}

/** `fe80::1%eth0` without its zone (RFC 4007, section 11). */
export function withoutZone(address: string): string {
  const at = address.indexOf('%');
  return at < 0 ? address : address.slice(0, at);
}

/** `host:port`, with brackets around an IPv6 address (RFC 3986, section 3.2.2). */
export function hostAndPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
