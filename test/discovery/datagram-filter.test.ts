import test from 'ava';
import { datagramFilter } from '../../src/discovery/datagram-filter.ts';
import { announcementRecords, nameBytes, responseBytes } from '../support/dns-message.ts';
import { deviceNamed } from '../support/entries.ts';
import { loopback } from '../support/loopback-link.ts';

const SERVICE = '_compartidos._tcp.local';
const source = { address: '127.0.0.9', family: 'IPv4', port: 5353, size: 0 } as const;

function accepts(datagram: Buffer): boolean {
  return datagramFilter(loopback, deviceNamed('us'), () => 0)(datagram, source);
}

test('an answer about many devices is decoded', (t) => {
  const records = Array.from({ length: 10 }, (_, number) =>
    announcementRecords(deviceNamed(`d${number}`)),
  ).flat();
  t.true(accepts(responseBytes(records)));
});

test('one whose names point to one another again and again is not', (t) => {
  const CHAIN = 1500;
  const RECORDS = 400;
  const HEADER = 12;
  // A question that begins with a name in full; each pointer after it leads to the one before.
  const name = nameBytes(SERVICE);
  const chain = Buffer.alloc(2 * CHAIN);
  const start = HEADER + name.length + 4 + 11;
  for (let at = 0; at < CHAIN; at += 1) {
    const target = at === 0 ? HEADER : start + 2 * (at - 1);
    chain.writeUInt16BE(0xc000 | target, 2 * at);
  }
  const record = (owner: Buffer, data: Buffer): Buffer => {
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(16, 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt16BE(data.length, 8);
    return Buffer.concat([owner, fixed, data]);
  };
  const last = Buffer.alloc(2);
  last.writeUInt16BE(0xc000 | (start + 2 * (CHAIN - 1)));
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(0x8400, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(1 + RECORDS, 6);
  const question = Buffer.concat([name, Buffer.from([0, 12, 0, 1])]);
  const records = Array.from({ length: RECORDS }, () => record(last, Buffer.alloc(0)));
  const datagram = Buffer.concat([header, question, record(Buffer.from([0]), chain), ...records]);
  t.true(datagram.length <= 9000);
  t.false(accepts(datagram));
});
