import { randomBytes } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { isCompartidosError } from '../../src/core/errors.ts';
import {
  deviceIdFromBytes,
  deviceIdToBytes,
  formatDeviceId,
  parseDeviceId,
} from '../../src/model/device-id.ts';

const anyBytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('bytes survive the way to an id and back', (t) => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      t.deepEqual(Buffer.from(deviceIdToBytes(deviceIdFromBytes(bytes))), Buffer.from(bytes));
    }),
  );
});

test('the shown form has eight groups of seven and is read back, however it is typed', (t) => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const id = deviceIdFromBytes(bytes);
      const shown = formatDeviceId(id);
      t.regex(shown, /^([A-Z2-7]{7}-){7}[A-Z2-7]{7}$/);
      t.is(parseDeviceId(shown), id);
      t.is(parseDeviceId(shown.toLowerCase().replaceAll('-', ' ')), id);
      t.is(parseDeviceId(id), id);
    }),
  );
});

test('one mistyped character is always noticed', (t) => {
  const shown = formatDeviceId(deviceIdFromBytes(randomBytes(32)));
  for (let at = 0; at < shown.length; at += 1) {
    if (shown[at] === '-') continue;
    for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567') {
      if (other === shown[at]) continue;
      const error = t.throws(() => parseDeviceId(shown.slice(0, at) + other + shown.slice(at + 1)));
      t.true(isCompartidosError(error, 'DEVICE_ID_INVALID'));
    }
  }
});

test('any text is either an id or DEVICE_ID_INVALID', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 80 })), (text) => {
      try {
        parseDeviceId(text);
      } catch (error) {
        t.true(isCompartidosError(error, 'DEVICE_ID_INVALID'));
      }
    }),
    { numRuns: 10_000 },
  );
});
