import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { withoutZone } from '../transport/address.ts';
import { isLinkLocal } from './ip-address.ts';

/** A network interface that is up, as one link of the network. */
export interface Link {
  readonly name: string;
  /** What follows `%` in the link-local IPv6 addresses of this link. */
  readonly zone: string;
  readonly mac: string;
  /** The system's number for it: another one after it was taken out and put back. 0 when unknown. */
  readonly index: number;
  readonly addresses: readonly LinkAddress[];
}

export interface LinkAddress {
  /** Without zone. */
  readonly address: string;
  readonly family: Family;
  /** Bits of the network part. */
  readonly prefix: number;
}

export type Family = 'ipv4' | 'ipv6';

/** Says which links there are now. */
export type ListLinks = () => Link[];

/** Bridges and ports of containers and virtual machines. */
const VIRTUAL = /^(veth|br-|docker|virbr|vnet|cni|flannel|cali|lxc|tap)/;

/** The links of this machine: every interface that is up and not internal; those that matter most first. */
export function systemLinks(): Link[] {
  const links: Link[] = [];
  for (const [name, infos = []] of Object.entries(networkInterfaces())) {
    const outside = infos.filter(({ internal }) => !internal);
    const [first] = outside;
    if (!first) continue;
    const scope = outside.find((info) => info.family === 'IPv6' && info.scopeid !== 0);
    const index = (scope?.family === 'IPv6' && scope.scopeid) || systemIndex(name);
    links.push({
      name,
      zone: process.platform === 'win32' ? String(index) : name,
      mac: first.mac,
      index,
      addresses: outside.map(({ address, family, cidr }) => ({
        address: withoutZone(address),
        family: family === 'IPv4' ? 'ipv4' : 'ipv6',
        prefix: Number(cidr?.split('/')[1] ?? (family === 'IPv4' ? 32 : 128)),
      })),
    });
  }
  return links.toSorted((a, b) => importance(b) - importance(a));
}

/** Whether a packet from `source` (with its zone, if it has one) was sent on `link` (RFC 6762 section 11). */
export function onLink(link: Link): (source: string) => boolean {
  const subnets = new BlockList();
  for (const { address, family, prefix } of link.addresses) {
    if (!isLinkLocal(address)) subnets.addSubnet(address, prefix, family);
  }
  return (source) => {
    if (isLinkLocal(source)) return source.endsWith(`%${link.zone}`);
    if (source.includes('%')) return false;
    return subnets.check(source, source.includes(':') ? 'ipv6' : 'ipv4');
  };
}

function importance({ name, addresses }: Link): number {
  return (addresses.some(({ family }) => family === 'ipv4') ? 1 : 0) + (VIRTUAL.test(name) ? 0 : 2);
}

/** An interface without IPv6 tells its number nowhere else. */
function systemIndex(name: string): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'latin1')) || 0;
  } catch {
    return 0;
  }
}
