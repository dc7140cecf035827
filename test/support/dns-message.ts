import type { DeviceId } from '../../src/model/device-id.ts';

/** A resource record to be written as bytes; `data` is its RDATA. */
export interface RecordBytes {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly ttl?: number;
  readonly data: Buffer;
}

const TYPES = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const;
const CLASS_IN = 1;
const RESPONSE = 0x8400;
const SERVICE = '_compartidos._tcp.local';

/** A DNS name, uncompressed (RFC 1035 section 3.1). Labels are cut to 63 bytes. */
export function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => {
    const bytes = Buffer.from(label).subarray(0, 63);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** An mDNS query (RFC 6762). */
export function queryBytes(
  questions: readonly { name: string; type: keyof typeof TYPES }[],
  known: readonly RecordBytes[] = [],
): Buffer {
  const body = questions.map(({ name, type }) =>
    Buffer.concat([nameBytes(name), uint16(TYPES[type], CLASS_IN)]),
  );
  return Buffer.concat([
    uint16(0, 0, questions.length, known.length, 0, 0),
    ...body,
    ...known.map(recordBytes),
  ]);
}

/** An mDNS response with `records` as its answers. */
export function responseBytes(records: readonly RecordBytes[]): Buffer {
  return Buffer.concat([uint16(0, RESPONSE, 0, records.length, 0, 0), ...records.map(recordBytes)]);
}

/** What an agent that is `device` announces. */
export function announcementRecords(
  device: DeviceId,
  {
    port = 6000,
    ttl = 120,
    address = '10.77.1.200',
    text = [`id=${device}`, 'v=1', 'n=forged'] as readonly string[],
  } = {},
): RecordBytes[] {
  const name = `${device}.${SERVICE}`;
  const host = `${device}.local`;
  return [
    { name: SERVICE, type: 'PTR', ttl, data: nameBytes(name) },
    { name, type: 'SRV', ttl, data: srvBytes(port, host) },
    { name, type: 'TXT', ttl, data: textBytes(text) },
    { name: host, type: 'A', ttl, data: Buffer.from(address.split('.').map(Number)) },
  ];
}

export function srvBytes(port: number, target: string): Buffer {
  return Buffer.concat([uint16(0, 0, port), nameBytes(target)]);
}

export function textBytes(entries: readonly string[]): Buffer {
  return Buffer.concat(
    entries.map((entry) => {
      const bytes = Buffer.from(entry).subarray(0, 255);
      return Buffer.concat([Buffer.from([bytes.length]), bytes]);
    }),
  );
}

function recordBytes({ name, type, ttl = 120, data }: RecordBytes): Buffer {
  const life = Buffer.alloc(4);
  life.writeUInt32BE(ttl);
  return Buffer.concat([nameBytes(name), uint16(TYPES[type], CLASS_IN), life, uint16(data.length), data]);
}

function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => bytes.writeUInt16BE(value & 0xffff, at * 2));
  return bytes;
}
