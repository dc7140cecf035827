import test from 'ava';
import fc from 'fast-check';
import { advertisementOf } from '../../src/discovery/advertisement.ts';
import { deviceNamed } from '../support/entries.ts';

const device = deviceNamed('me');

test('what is published carries the id, the version and the name', (t) => {
  t.deepEqual(advertisementOf({ device, name: 'Ana’s laptop', port: 6000 }), {
    device,
    host: `${device}.local`,
    port: 6000,
    text: { id: device, v: '3', n: 'Ana’s laptop' },
  });
});

test('no name makes a TXT entry that is too long, ill-formed or with control characters', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const { n } = advertisementOf({ device, name, port: 1 }).text;
      const tooShort = Buffer.byteLength(n) < 250 && n.length < name.replace(/\p{Cc}+/gu, ' ').length;
      return Buffer.byteLength(`n=${n}`) <= 255 && n.isWellFormed() && !/\p{Cc}/u.test(n) && !tooShort;
    }),
    { numRuns: 10_000 },
  );
  t.is(advertisementOf({ device, name: '\ud800x\n', port: 1 }).text.n, '\ufffdx ');
});

for (const port of [0, -1, 65_536, 1.5, NaN]) {
  test(`port ${port} is not published`, (t) => {
    t.throws(() => advertisementOf({ device, name: 'x', port }), { message: /INTERNAL/ });
  });
}
