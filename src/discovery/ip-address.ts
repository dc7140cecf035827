import { BlockList, isIP } from 'node:net';

/** Addresses at which no peer can be: unspecified, loopback, multicast, reserved, broadcast. */
const NOWHERE = new BlockList();
NOWHERE.addSubnet('0.0.0.0', 8, 'ipv4');
NOWHERE.addSubnet('127.0.0.0', 8, 'ipv4');
NOWHERE.addSubnet('224.0.0.0', 3, 'ipv4');
NOWHERE.addSubnet('::', 127, 'ipv6');
NOWHERE.addSubnet('::ffff:0:0', 96, 'ipv6');
NOWHERE.addSubnet('ff00::', 8, 'ipv6');

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');

/** `fe80::1%eth0` without its zone. */
export function withoutZone(address: string): string {
  const at = address.indexOf('%');
  return at === -1 ? address : address.slice(0, at);
}

/** Whether it is an IPv6 address that means something only together with a zone (RFC 4007 section 6). */
export function isLinkLocal(address: string): boolean {
  return isIP(address) === 6 && LINK_LOCAL.check(withoutZone(address), 'ipv6');
}

/**
 * Whether `value` is an IP address at which another host can be dialled, in text without a zone. A link-local one
 * is not: without a zone it names nobody.
 */
export function isDiallable(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 45 || value.includes('%')) return false;
  const version = isIP(value);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return !NOWHERE.check(value, family) && !(version === 6 && LINK_LOCAL.check(value, 'ipv6'));
}

export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
