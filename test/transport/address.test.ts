import test from 'ava';
import { hostAndPort, isPresent, plainAddress } from '../../src/transport/address.ts';

test('an IPv4 address within an IPv6 socket is an IPv4 address', (t) => {
  t.is(plainAddress('::ffff:192.0.2.7'), '192.0.2.7');
  t.is(plainAddress('::FFFF:192.0.2.7'), '192.0.2.7');
  t.is(plainAddress('192.0.2.7'), '192.0.2.7');
  t.is(plainAddress('fe80::1%eth0'), 'fe80::1%eth0');
  t.is(plainAddress('2001:db8::ffff:1'), '2001:db8::ffff:1');
});

test('an address is present by itself, whatever its zone; the loopback ones always are', (t) => {
  const addresses = ['192.0.2.7', 'fe80::1', '2001:db8::1'];
  for (const address of [...addresses, 'fe80::1%eth0', '127.0.0.1', '127.1.2.3', '::1']) {
    t.true(isPresent(address, addresses), address);
  }
  t.true(isPresent('fe80::1', ['fe80::1%eth0']));
  for (const address of ['192.0.2.70', '192.0.2.', 'fe80::2%eth0', ''])
    t.false(isPresent(address, addresses));
});

test('an IPv6 address stands in brackets before its port', (t) => {
  t.is(hostAndPort('192.0.2.7', 6000), '192.0.2.7:6000');
  t.is(hostAndPort('fe80::1%eth0', 6000), '[fe80::1%eth0]:6000');
  t.is(hostAndPort('server.example', 6000), 'server.example:6000');
});
