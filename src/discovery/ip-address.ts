import { BlockList, isIP } from 'node:net';
import { withoutZone } from '../transport/address.ts';

/**
 * Addresses at which no peer can be: unspecified, loopback, multicast, reserved, broadcast. A list for each family:
 * a BlockList takes an IPv4 address for one of `::ffff:0:0/96`.
 */
const NOWHERE_IPV4 = new BlockList();
NOWHERE_IPV4.addSubnet('0.0.0.0', 8, 'ipv4');
NOWHERE_IPV4.addSubnet('127.0.0.0', 8, 'ipv4');
NOWHERE_IPV4.addSubnet('224.0.0.0', 3, 'ipv4');
const NOWHERE_IPV6 = new BlockList();
NOWHERE_IPV6.addSubnet('::', 127, 'ipv6');
NOWHERE_IPV6.addSubnet('::ffff:0:0', 96, 'ipv6');
NOWHERE_IPV6.addSubnet('ff00::', 8, 'ipv6');

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');

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
  if (isIP(value) === 4) return !NOWHERE_IPV4.check(value, 'ipv4');
  return isIP(value) === 6 && !NOWHERE_IPV6.check(value, 'ipv6') && !LINK_LOCAL.check(value, 'ipv6');
}

export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
