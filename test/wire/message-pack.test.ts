import test from 'ava';
import { isCompartidosError } from '../../src/core/errors.ts';
import { unpackValue } from '../../src/wire/message-pack.ts';

/** What may come first of a value: nil, booleans, integers, strings of both kinds, arrays. */
const ALLOWED: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x7f],
  [0x90, 0xc0],
  [0xc2, 0xc6],
  [0xcc, 0xd3],
  [0xd9, 0xdd],
  [0xe0, 0xff],
];

test('clause 3.3: of all first bytes only those of nil, booleans, integers, strings and arrays are read', (t) => {
  for (let head = 0; head < 256; head += 1) {
    const name = `0x${head.toString(16)}`;
    const attempts = Array.from({ length: 33 }, (_, length) =>
      attempt(Buffer.from([head, ...Buffer.alloc(length)])),
    );
    if (ALLOWED.some(([first, last]) => head >= first && head <= last)) {
      // Zeros are the rest of one value, in one length only.
      t.is(attempts.filter((got) => got === undefined).length, 1, name);
    } else {
      t.true(
        attempts.every((got) => got === name),
        name,
      );
    }
  }
});

/** What was refused in `body`; undefined when nothing was. */
function attempt(body: Uint8Array): unknown {
  try {
    unpackValue(body);
    return undefined;
  } catch (error) {
    return isCompartidosError(error, 'MESSAGE_INVALID') ? error.params['got'] : error;
  }
}
