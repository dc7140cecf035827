import test from 'ava';
import fc from 'fast-check';
import { parseAnnouncements } from '../../src/discovery/announcement.ts';
import { deviceNamed } from '../support/entries.ts';

const device = deviceNamed('peer');
const instance = `${device}._compartidos._tcp.local`;
const srv = {
  name: instance,
  type: 'SRV',
  ttl: 120,
  data: { port: 6001, target: `${device}.local`, priority: 0, weight: 0 },
};
const ptr = { name: '_compartidos._tcp.local', type: 'PTR', ttl: 28_800, data: instance };
const txt = {
  name: instance,
  type: 'TXT',
  ttl: 4500,
  data: [Buffer.from(`id=${device}`), Buffer.from('v=1')],
};
const a = { name: `${device}.local`, type: 'A', ttl: 120, data: '192.168.1.7' };
const plain = { device, port: 6001, addresses: ['192.168.1.7'], leaving: false };

const CASES: readonly [title: string, packet: unknown, expected: readonly unknown[]][] = [
  ['a full announcement', { answers: [ptr, srv, txt, a] }, [plain]],
  ['records spread over answers and additionals', { answers: [ptr], additionals: [srv, a] }, [plain]],
  ['no TXT record', { answers: [ptr, srv, a] }, [plain]],
  ['names in another case', { answers: [{ ...srv, name: instance.toLowerCase() }, a] }, [plain]],
  ['no address', { answers: [srv] }, [{ ...plain, addresses: [] }]],
  ['a goodbye by SRV', { answers: [{ ...srv, ttl: 0 }, a] }, [{ ...plain, leaving: true }]],
  ['a goodbye by PTR', { answers: [{ ...ptr, ttl: 0 }, srv, a] }, [{ ...plain, leaving: true }]],
  ['a goodbye by PTR to nothing', { answers: [{ ...ptr, ttl: 0, data: 7 }, srv, a] }, [plain]],
  ['a TXT record without id', { answers: [srv, a, { ...txt, data: [Buffer.from('v=1')] }] }, [plain]],
  [
    'a TXT record in one buffer',
    { answers: [srv, a, { ...txt, data: Buffer.from(`id=${device}`) }] },
    [plain],
  ],
  [
    'a TXT record that names another device',
    { answers: [srv, a, { ...txt, data: [Buffer.from(`id=${deviceNamed('other')}`)] }] },
    [],
  ],
  ['a PTR record alone', { answers: [ptr] }, []],
  ['another service', { answers: [{ ...srv, name: `${device}._http._tcp.local` }] }, []],
  [
    'an instance that is no device id',
    { answers: [{ ...srv, name: 'printer._compartidos._tcp.local' }] },
    [],
  ],
  ['port 0', { answers: [{ ...srv, data: { ...srv.data, port: 0 } }] }, []],
  ['a port that is no number', { answers: [{ ...srv, data: { ...srv.data, port: '6000' } }] }, []],
  ['no target', { answers: [{ ...srv, data: { port: 6001 } }] }, []],
  ['SRV data that is null', { answers: [{ ...srv, data: null }] }, []],
  [
    'addresses where nobody can be dialled',
    {
      answers: [
        srv,
        ...['127.0.0.1', '0.0.0.0', '224.0.0.251', '255.255.255.255', 'x', 7].map((data) => ({ ...a, data })),
        ...['::1', '::', 'ff02::fb', 'fe80::1', '::ffff:10.0.0.1', 'fd00::1%eth0'].map((data) => ({
          ...a,
          type: 'AAAA',
          data,
        })),
      ],
    },
    [{ ...plain, addresses: [] }],
  ],
  [
    'an address of another host',
    { answers: [srv, { ...a, name: 'other.local' }] },
    [{ ...plain, addresses: [] }],
  ],
  ['answers that are no list', { answers: 'x', additionals: { length: 3 } }, []],
  ['no packet at all', undefined, []],
];

for (const [title, packet, expected] of CASES) {
  test(`announcements of a packet with ${title}`, (t) => {
    t.deepEqual(parseAnnouncements(packet), expected);
  });
}

test('at most 32 devices and 8 addresses are taken from a packet', (t) => {
  const many = Array.from({ length: 100 }, (_, number) => {
    const name = `${deviceNamed(String(number))}._compartidos._tcp.local`;
    return { ...srv, name };
  });
  const addresses = Array.from({ length: 100 }, (_, number) => ({ ...a, data: `10.0.0.${number}` }));
  const announcements = parseAnnouncements({ answers: [...many, ...addresses] });
  t.is(announcements.length, 32);
  t.true(announcements.every((announcement) => announcement.addresses.length === 8));
});

test('whatever a packet holds, what comes out is valid', (t) => {
  const name = fc.oneof(fc.constant(instance), fc.constant(a.name), fc.string());
  const data = fc.oneof(
    fc.record({ port: fc.oneof(fc.integer(), fc.string()), target: fc.oneof(name, fc.constant(null)) }),
    fc.ipV4(),
    fc.ipV6(),
    fc.array(fc.uint8Array()),
    fc.anything(),
  );
  const type = fc.oneof(fc.constantFrom('SRV', 'PTR', 'TXT', 'A', 'AAAA'), fc.string());
  const record = fc.oneof(
    fc.record({ name, type, ttl: fc.integer(), data }),
    fc.constantFrom<unknown>(srv, ptr, txt, a),
    fc.anything(),
  );
  const packet = fc.record({
    answers: fc.array(record),
    additionals: fc.oneof(fc.array(record), fc.anything()),
  });
  fc.assert(
    fc.property(packet, (value) => {
      for (const { device: found, port, addresses } of parseAnnouncements(value)) {
        if (!/^[A-Z2-7]{52}$/.test(found)) return false;
        if (!Number.isInteger(port) || port < 1 || port > 65_535 || addresses.length > 8) return false;
      }
      return true;
    }),
    { numRuns: 10_000 },
  );
  t.pass();
});
