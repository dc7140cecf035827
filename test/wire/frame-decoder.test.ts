import test from 'ava';
import fc from 'fast-check';
import { isCompartidosError } from '../../src/core/errors.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { blockBuffers } from '../../src/core/buffer-pool.ts';
import { FrameDecoder, type Frame } from '../../src/wire/frame-decoder.ts';
import {
  MAX_CONTROL_FRAME_BYTES,
  MAX_DATA_FRAME_BYTES,
  MAX_HELLO_FRAME_BYTES,
  MAX_REQUEST_FRAME_BYTES,
  MAX_SMALL_FRAME_BYTES,
} from '../../src/wire/limits.ts';
import { MESSAGE_TYPES } from '../../src/wire/message-types.ts';
import { arbitraryMessage } from '../support/arbitrary-messages.ts';

const REPLY = MESSAGE_TYPES['block-reply'].number;

function header(length: number, type: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(length);
  bytes.writeUInt8(type, 4);
  return bytes;
}

test('frames come out whole however the stream is cut', (t) => {
  fc.assert(
    fc.property(
      fc.array(arbitraryMessage, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
      (messages, cuts) => {
        const expected = messages.map((message) => Buffer.concat(encodeMessage(message)));
        const stream = Buffer.concat(expected);
        const decoder = new FrameDecoder(MAX_DATA_FRAME_BYTES);
        const frames: Frame[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const length = cuts[turn % cuts.length]!;
          frames.push(...decoder.push(Uint8Array.from(stream.subarray(at, at + length))));
          at += length;
        }
        t.false(decoder.midFrame);
        t.deepEqual(
          frames.map(({ type, body }) => Buffer.concat([header(body.length + 1, type), body])),
          expected,
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('a frame within one chunk is a view of it', (t) => {
  const chunk = Buffer.concat(encodeMessage({ type: 'ping', nonce: 1 }));
  const [frame] = [...new FrameDecoder().push(chunk)];
  t.is(frame!.body.buffer, chunk.buffer);
});

test('a block in many chunks is gathered in one buffer, which can be given back', (t) => {
  const decoder = new FrameDecoder(MAX_DATA_FRAME_BYTES);
  const block = Buffer.alloc(1_000_000, 5);
  t.false(decoder.gather(Buffer.alloc(4)));
  const frames = [...decoder.push(header(block.length + 5, REPLY)), ...decoder.push(Buffer.alloc(4))];
  for (let at = 0; at < block.length; at += 16_384) {
    t.is(frames.length, 0);
    t.true(decoder.midFrame);
    const chunk = block.subarray(at, at + 16_384);
    const isLast = at + 16_384 >= block.length;
    t.is(decoder.gather(chunk), !isLast);
    if (isLast) frames.push(...decoder.push(chunk));
  }
  t.is(frames.length, 1);
  t.is(frames[0]!.body.length, block.length + 4);
  t.true(block.equals(frames[0]!.body.subarray(4)));
  blockBuffers.give(frames[0]!.body);
  t.is(blockBuffers.take(block.length + 4).buffer, frames[0]!.body.buffer);
});

test('clause 3.2: a length beyond what the connection or the type allows is refused with the header', (t) => {
  const index = MESSAGE_TYPES['index-update'].number;
  const refused: readonly [limit: number, length: number, type: number][] = [
    [MAX_DATA_FRAME_BYTES, 0, REPLY],
    [MAX_DATA_FRAME_BYTES, 0xffff_ffff, REPLY],
    [MAX_DATA_FRAME_BYTES, MAX_DATA_FRAME_BYTES + 1, REPLY],
    [MAX_DATA_FRAME_BYTES, MAX_REQUEST_FRAME_BYTES + 1, MESSAGE_TYPES['block-request'].number],
    [MAX_DATA_FRAME_BYTES, MAX_SMALL_FRAME_BYTES + 1, MESSAGE_TYPES.availability.number],
    [MAX_CONTROL_FRAME_BYTES, MAX_CONTROL_FRAME_BYTES + 1, index],
    [MAX_HELLO_FRAME_BYTES, MAX_HELLO_FRAME_BYTES + 1, index],
    [MAX_CONTROL_FRAME_BYTES, 1, 0x7f],
  ];
  for (const [limit, length, type] of refused) {
    const error = t.throws(() => [...new FrameDecoder(limit).push(header(length, type))]);
    t.true(isCompartidosError(error, 'FRAME_INVALID'));
  }
  const accepted = new FrameDecoder(MAX_DATA_FRAME_BYTES);
  t.notThrows(() => [...accepted.push(header(MAX_DATA_FRAME_BYTES, REPLY))]);
});

test('a stream that was refused stays refused', (t) => {
  const decoder = new FrameDecoder();
  t.throws(() => [...decoder.push(header(0, 1))]);
  const error = t.throws(() => [...decoder.push(Buffer.concat(encodeMessage({ type: 'ping', nonce: 1 })))]);
  t.true(isCompartidosError(error, 'FRAME_INVALID'));
});

test('a limit that is set on account of one frame holds for the next in the same chunk', (t) => {
  const large = Buffer.concat([
    header(MAX_HELLO_FRAME_BYTES + 10, REPLY),
    Buffer.alloc(MAX_HELLO_FRAME_BYTES + 9),
  ]);
  const chunk = Buffer.concat([...encodeMessage({ type: 'ping', nonce: 1 }), large]);
  const decoder = new FrameDecoder();
  let frames = 0;
  for (const frame of decoder.push(chunk)) {
    frames += 1;
    t.true(frame.body.length > 0);
    decoder.setMaxFrameBytes(MAX_DATA_FRAME_BYTES);
  }
  t.is(frames, 2);
});
