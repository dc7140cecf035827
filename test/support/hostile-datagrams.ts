import fc from 'fast-check';
import { deviceNamed } from './entries.ts';
import {
  announcementRecords,
  nameBytes,
  queryBytes,
  responseBytes,
  srvBytes,
  textBytes,
} from './dns-message.ts';

const SERVICE = '_compartidos._tcp.local';
const device = deviceNamed('forged');
const instance = `${device}._compartidos._tcp.local`;

/** Well-formed datagrams, each odd in its own way, and some that are not odd at all. */
export const ODD_DATAGRAMS: Readonly<Record<string, Buffer>> = {
  announcement: responseBytes(announcementRecords(device)),
  goodbye: responseBytes(announcementRecords(device, { ttl: 0 })),
  'PTR and SRV without TXT': responseBytes(announcementRecords(device).filter(({ type }) => type !== 'TXT')),
  'SRV alone': responseBytes(announcementRecords(device).filter(({ type }) => type === 'SRV')),
  'PTR to itself': responseBytes([{ name: SERVICE, type: 'PTR', data: nameBytes(SERVICE) }]),
  'name of 255 bytes': responseBytes([
    {
      name: `${'x'.repeat(63)}.${'y'.repeat(63)}.${'z'.repeat(63)}.${SERVICE}`,
      type: 'PTR',
      data: nameBytes(instance),
    },
  ]),
  'name without end': responseBytes([{ name: SERVICE, type: 'PTR', data: Buffer.alloc(4000, '\x3fa') }]),
  'SRV of three bytes': responseBytes([{ name: instance, type: 'SRV', data: Buffer.from([0, 0, 0]) }]),
  'A of one byte': responseBytes([{ name: `${device}.local`, type: 'A', data: Buffer.from([1]) }]),
  'TXT with a length that lies': responseBytes([
    { name: instance, type: 'TXT', data: Buffer.from([255, 1, 2]) },
  ]),
  'TXT with prototype names': responseBytes([
    ...announcementRecords(device, { text: ['__proto__=1', 'constructor=2', `id=${device}`] }),
  ]),
  'empty TXT': responseBytes([{ name: instance, type: 'TXT', data: textBytes(['']) }]),
  'port 0': responseBytes([{ name: instance, type: 'SRV', data: srvBytes(0, `${device}.local`) }]),
  'thousands of empty names': responseBytes(
    Array.from({ length: 700 }, () => ({ name: '', type: 'TXT' as const, data: Buffer.alloc(0) })),
  ),
  query: queryBytes([{ name: SERVICE, type: 'PTR' }]),
  'query with known answers': queryBytes([{ name: SERVICE, type: 'PTR' }], announcementRecords(device)),
  'query for everything': queryBytes(
    [SERVICE, instance, `${device}.local`, '_services._dns-sd._udp.local'].map((name) => ({
      name,
      type: 'ANY',
    })),
  ),
  'hundreds of questions': queryBytes(Array.from({ length: 300 }, () => ({ name: SERVICE, type: 'PTR' }))),
  'header that lies': Buffer.concat([
    Buffer.from([0, 0, 0x84, 0, ...Array<number>(8).fill(255)]),
    nameBytes(SERVICE),
  ]),
  empty: Buffer.alloc(0),
};

/** Random bytes, odd datagrams, and odd datagrams with some of their bytes changed, cut off or added. */
export const hostileDatagram: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  fc
    .uint8Array({ maxLength: 300 })
    .map((bytes) => Buffer.concat([queryBytes([]), nameBytes(SERVICE), bytes])),
  fc.constantFrom(...Object.values(ODD_DATAGRAMS)),
  fc
    .record({
      base: fc.constantFrom(...Object.values(ODD_DATAGRAMS).filter(({ length }) => length > 0)),
      edits: fc.array(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }), {
        minLength: 1,
        maxLength: 12,
      }),
      cut: fc.option(fc.nat(), { freq: 3 }),
      tail: fc.uint8Array({ maxLength: 30 }),
    })
    .map(({ base, edits, cut, tail }) => {
      const bytes = Buffer.concat([base, tail]);
      for (const { at, byte } of edits) bytes[at % bytes.length] = byte;
      return cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
    }),
);
