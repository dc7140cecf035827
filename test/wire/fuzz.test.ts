import test from 'ava';
import fc from 'fast-check';
import { isCompartidosError } from '../../src/core/errors.ts';
import { pathProblem } from '../../src/model/relative-path.ts';
import { decodeFrame, encodeMessage } from '../../src/wire/codec.ts';
import { FrameDecoder } from '../../src/wire/frame-decoder.ts';
import { MAX_DATA_FRAME_BYTES } from '../../src/wire/limits.ts';
import { MESSAGE_TYPES } from '../../src/wire/message-types.ts';
import type { Message } from '../../src/wire/messages/message.ts';
import { arbitraryMessage } from '../support/arbitrary-messages.ts';

const NUMBERS = Object.values(MESSAGE_TYPES).map(({ number }) => number);

/** All messages of `stream`; refusals must be ours, and what is taken must be sound. Returns how many were taken. */
function readAll(stream: Uint8Array): number {
  let taken = 0;
  try {
    for (const { type, body } of new FrameDecoder(MAX_DATA_FRAME_BYTES).push(stream)) {
      try {
        checkSound(decodeFrame(type, body));
        taken += 1;
      } catch (error) {
        if (!isCompartidosError(error, 'MESSAGE_INVALID')) throw error;
      }
    }
  } catch (error) {
    if (!isCompartidosError(error, 'FRAME_INVALID')) throw error;
  }
  return taken;
}

function checkSound(message: Message): void {
  const paths = 'path' in message ? [message.path] : [];
  if (message.type === 'index-update') paths.push(...message.entries.map(({ path }) => path));
  for (const path of paths) if (pathProblem(path)) throw new Error('a path that is none was taken');
  // What was taken can be sent on.
  encodeMessage(message);
}

test('random bytes are refused in our own words', (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NUMBERS, 0, 255),
      fc.uint8Array({ maxLength: 300 }),
      fc.boolean(),
      (type, body, framed) => {
        if (!framed) return void readAll(body);
        const header = Buffer.alloc(5);
        header.writeUInt32BE(body.length + 1);
        header.writeUInt8(type, 4);
        readAll(Buffer.concat([header, body]));
      },
    ),
    { numRuns: 20_000 },
  );
  t.pass();
});

test('valid bytes that were changed, cut or doubled are taken or refused in our own words', (t) => {
  let refused = 0;
  let taken = 0;
  fc.assert(
    fc.property(
      arbitraryMessage,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      fc.constantFrom('keep', 'cut', 'double'),
      fc.nat(),
      (message, changes, what, where) => {
        let stream = Buffer.concat(encodeMessage(message));
        for (const [at, value] of changes) stream[5 + (at % (stream.length - 5))] = value;
        const middle = 5 + (where % (stream.length - 5));
        if (what === 'cut') {
          stream = stream.subarray(0, middle);
          stream.writeUInt32BE(stream.length - 4);
        }
        if (what === 'double') {
          stream = Buffer.concat([stream, stream.subarray(middle)]);
          stream.writeUInt32BE(stream.length - 4);
        }
        const read = readAll(stream);
        taken += read;
        refused += 1 - read;
      },
    ),
    { numRuns: 15_000 },
  );
  t.true(taken > 500);
  t.true(refused > 500);
});
