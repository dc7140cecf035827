import type { DeviceId } from '../model/device-id.ts';
import { isObject, recordsOf, type DnsRecord } from './dns-records.ts';
import { isDiallable, isPort } from './ip-address.ts';
import { deviceOf, deviceOfInstance } from './service-name.ts';

/** What one packet says of one device. All of it may be a lie. */
export interface Announcement {
  readonly device: DeviceId;
  /** 1…65535. */
  readonly port: number;
  /** IP addresses that can be dialled, without zones; at most 8. */
  readonly addresses: readonly string[];
  /** It says that it goes away (RFC 6762 section 10.1: a time to live of 0). */
  readonly leaving: boolean;
}

/** Devices in one packet; a reflector may repeat several. */
const MAX_ANNOUNCEMENTS = 32;
const MAX_ADDRESSES = 8;

/**
 * The devices that a decoded mDNS response announces: each SRV record (RFC 2782) under our service type, with the
 * addresses of its target. A TXT record is not needed; one that names another device makes its announcement void.
 */
export function parseAnnouncements(packet: unknown): Announcement[] {
  const records = recordsOf(packet, 'answers', 'additionals');
  const texts = namesOfOtherDevices(records);
  const leaving = leavingInstances(records);
  const addresses = addressesByHost(records);
  const announcements = new Map<DeviceId, Announcement>();
  for (const { name, type, ttl, data } of records) {
    if (type !== 'SRV' || !isObject(data) || announcements.size === MAX_ANNOUNCEMENTS) continue;
    const device = deviceOfInstance(name);
    const { port, target } = data;
    if (!device || texts.has(name) || !isPort(port) || typeof target !== 'string') continue;
    announcements.set(device, {
      device,
      port,
      addresses: [...(addresses.get(target.toLowerCase()) ?? [])],
      leaving: ttl === 0 || leaving.has(name),
    });
  }
  return [...announcements.values()];
}

/** The instances whose TXT record carries the id of a device that they are not named after. */
function namesOfOtherDevices(records: readonly DnsRecord[]): Set<string> {
  const names = new Set<string>();
  for (const { name, type, data } of records) {
    if (type !== 'TXT') continue;
    const id = textValue(data, 'id');
    if (id !== undefined && deviceOf(id) !== deviceOfInstance(name)) names.add(name);
  }
  return names;
}

function leavingInstances(records: readonly DnsRecord[]): Set<string> {
  const names = new Set<string>();
  for (const { type, ttl, data } of records) {
    if (type === 'PTR' && ttl === 0 && typeof data === 'string') names.add(data.toLowerCase());
  }
  return names;
}

function addressesByHost(records: readonly DnsRecord[]): Map<string, Set<string>> {
  const hosts = new Map<string, Set<string>>();
  for (const { name, type, data } of records) {
    if ((type !== 'A' && type !== 'AAAA') || !isDiallable(data)) continue;
    const addresses = hosts.get(name) ?? new Set();
    hosts.set(name, addresses);
    if (addresses.size < MAX_ADDRESSES) addresses.add(data);
  }
  return hosts;
}

/** The value of `key` in the data of a TXT record (RFC 6763 section 6): the first entry of that key counts. */
function textValue(data: unknown, key: string): string | undefined {
  for (const entry of Array.isArray(data) ? (data as readonly unknown[]) : [data]) {
    if (!(entry instanceof Uint8Array) || entry.length > 255) continue;
    const text = Buffer.from(entry).toString();
    if (text.toLowerCase().startsWith(`${key}=`)) return text.slice(key.length + 1);
  }
  return undefined;
}
