import test from 'ava';
import { readPeerAddress } from '../../src/config/peer-address.ts';

const long = `${'a'.repeat(63)}.`.repeat(3) + 'b'.repeat(61);

for (const [text, host, port] of [
  ['192.0.2.7', '192.0.2.7', 6000],
  ['192.0.2.7:1', '192.0.2.7', 1],
  [' 192.0.2.7:65535 ', '192.0.2.7', 65_535],
  ['2001:db8::7', '2001:db8::7', 6000],
  ['[2001:db8::7]', '2001:db8::7', 6000],
  ['[2001:db8::7]:6001', '2001:db8::7', 6001],
  ['pc-ana', 'pc-ana', 6000],
  ['pc_ana.local.:7000', 'pc_ana.local.', 7000],
  ['ordenador-de-josé', 'ordenador-de-josé', 6000],
  ['a', 'a', 6000],
  [long, long, 6000],
] as const) {
  test(`an address: ${text}`, (t) => {
    t.deepEqual(readPeerAddress(text), { host, port });
  });
}

for (const text of [
  3,
  undefined,
  '',
  ':6000',
  '192.0.2.7:0',
  '192.0.2.7:65536',
  '192.0.2.7:',
  '192.0.2.7:6000x',
  '192.0.2.256',
  '192.0.2',
  '[192.0.2.7]',
  '[2001:db8::7',
  '[pc-ana]:6000',
  'pc ana',
  'pc..ana',
  '-pc',
  'pc-',
  'http://pc',
  'pc/x',
  'a'.repeat(64),
  `${long}b`,
]) {
  test(`no address: ${String(text)}`, (t) => {
    t.is(readPeerAddress(text), undefined);
  });
}
