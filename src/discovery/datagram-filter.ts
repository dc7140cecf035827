import type { RemoteInfo } from 'node:dgram';
import type { DeviceId } from '../model/device-id.ts';
import { onLink, type Link } from './link.ts';
import { RateLimit, RateLimitBySource, type Rate } from './rate-limit.ts';
import { SERVICE_TYPE } from './service-name.ts';

/** RFC 6762 section 17: the longest mDNS message, headers of IP and UDP included. */
const MAX_DATAGRAM = 9000;
const HEADER = 12;
/** The fewest bytes of a question and of a record: a name of one byte (the root) and fixed fields. */
const MIN_QUESTION = 5;
const MIN_RECORD = 11;
/**
 * Records, times bytes that may be pointers (RFC 1035, section 4.1.4): so many steps the decoder takes where each name
 * points to one that points to another. A large answer comes to some 2000. 50 ns each.
 */
const MAX_STEPS = 20_000;
const POINTER = 0xc0;
/** What one source may send, and all together: far more than agents do, far less than would keep us busy. */
const RATE_OF_ONE: Rate = { burst: 200, perSecond: 50 };
const RATE_OF_ALL: Rate = { burst: 2000, perSecond: 1000 };
const MAX_SOURCES = 512;

/**
 * Whether datagrams that arrive at the socket of `link` are worth decoding: sent on that link (a socket hears those of
 * every interface), about us, of a plausible form, and not too many. Times are ms on a monotonic clock.
 */
export function datagramFilter(
  link: Link,
  device: DeviceId,
  monotonic: () => number,
): (datagram: Buffer, source: RemoteInfo) => boolean {
  const isOnLink = onLink(link);
  const ofOne = new RateLimitBySource(RATE_OF_ONE, MAX_SOURCES);
  const ofAll = new RateLimit(RATE_OF_ALL);
  return (datagram, { address }) => {
    if (!isPlausible(datagram) || !isOnLink(address) || !concernsUs(datagram, device)) return false;
    const now = monotonic();
    return ofOne.take(address, now) && ofAll.take(now);
  };
}

/** The decoder makes lists as long as the header says before it looks at anything else, and follows every pointer. */
function isPlausible(datagram: Buffer): boolean {
  if (datagram.length < HEADER || datagram.length > MAX_DATAGRAM) return false;
  const questions = datagram.readUInt16BE(4);
  const records = datagram.readUInt16BE(6) + datagram.readUInt16BE(8) + datagram.readUInt16BE(10);
  if (HEADER + questions * MIN_QUESTION + records * MIN_RECORD > datagram.length) return false;
  let pointers = 0;
  for (const byte of datagram) if (byte >= POINTER) pointers += 1;
  return (questions + records) * pointers <= MAX_STEPS;
}

/** A label is written out in full at its first place in a message, whatever is compressed after it. */
function concernsUs(datagram: Buffer, device: DeviceId): boolean {
  const text = datagram.toString('latin1').toLowerCase();
  return (
    text.includes(`_${SERVICE_TYPE}`) || text.includes('_services') || text.includes(device.toLowerCase())
  );
}
