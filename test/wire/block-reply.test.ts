import test from 'ava';
import { isCompartidosError } from '../../src/core/errors.ts';
import { MAX_BLOCK_BYTES } from '../../src/model/block-layout.ts';
import { decodeFrame } from '../../src/wire/codec.ts';
import { MESSAGE_TYPES } from '../../src/wire/message-types.ts';
import type { Message } from '../../src/wire/messages/message.ts';

test('clause 4.11: a block reply says of each block what has become of it, and no more comes than a block', (t) => {
  const decodeReply = (count: number, outcomes: readonly number[], bytes = 0) => {
    const head = Buffer.from([0, 0, 0, 1, count >> 8, count & 0xff, ...outcomes]);
    return decodeFrame(MESSAGE_TYPES['block-reply'].number, Buffer.concat([head, Buffer.alloc(bytes)]));
  };
  const refused: readonly (() => Message)[] = [
    () => decodeFrame(MESSAGE_TYPES['block-reply'].number, Buffer.from([0, 0, 0, 1, 0])),
    () => decodeReply(0, []),
    () =>
      decodeReply(
        257,
        Array.from({ length: 257 }, () => 0),
      ),
    () => decodeReply(2, [0]),
    () => decodeReply(1, [6]),
    () => decodeReply(1, [0], MAX_BLOCK_BYTES + 1),
  ];
  for (const [index, decodeOne] of refused.entries()) {
    const error = t.throws(decodeOne, undefined, String(index));
    t.true(isCompartidosError(error, 'MESSAGE_INVALID'), String(index));
  }
  const most = Array.from({ length: 256 }, (_, index) => index % 6);
  const reply = decodeReply(256, most, MAX_BLOCK_BYTES);
  t.like(reply, { id: 1, outcomes: { length: 256 } });
  t.is(reply.type === 'block-reply' ? reply.bytes[0]?.length : undefined, MAX_BLOCK_BYTES);
  t.like(decodeReply(2, [1, 5]), { outcomes: ['not-found', 'failed'], bytes: [] });
});
