import test from 'ava';
import { isCompartidosError, type ErrorCode } from '../../src/core/errors.ts';
import { blockCount, blockRange, blockSizeFor } from '../../src/model/block-layout.ts';
import {
  deviceIdFromBytes,
  deviceIdOfPublicKey,
  deviceIdToBytes,
  formatDeviceId,
  parseDeviceId,
} from '../../src/model/device-id.ts';
import { parseClassicRequest } from '../../src/wire/classic/request.ts';
import { decodeFrame, encodeMessage } from '../../src/wire/codec.ts';
import { contentHash } from '../../src/wire/content-hash.ts';
import { FrameDecoder } from '../../src/wire/frame-decoder.ts';
import { MAX_DATA_FRAME_BYTES } from '../../src/wire/limits.ts';
import { MESSAGE_TYPES } from '../../src/wire/message-types.ts';
import type { Message } from '../../src/wire/messages/message.ts';
import { plain } from '../support/plain-values.ts';
import { readVectors } from '../support/vectors.ts';

const bytesOf = (hex: string) => Buffer.from(hex, 'hex');
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function decode(hex: string): Message[] {
  const frames = [...new FrameDecoder(MAX_DATA_FRAME_BYTES).push(bytesOf(hex))];
  return frames.map(({ type, body }) => decodeFrame(type, body));
}

test('section 4: each vector is what its message is encoded to and decoded from', async (t) => {
  const vectors = await readVectors<{ name: string; message: Message; frame: string }[]>('frames');
  for (const { name, message, frame } of vectors) {
    t.is(hexOf(Buffer.concat(encodeMessage(message))), frame, name);
    t.deepEqual(plain(decode(frame)), [plain(message)], name);
  }
  const types = new Set(vectors.map(({ message }) => message.type));
  t.deepEqual([...types].sort(), Object.keys(MESSAGE_TYPES).sort());
});

test('clause 3.6: each invalid vector is refused, and with its code', async (t) => {
  const vectors = await readVectors<{ why: string; frame: string; error: ErrorCode }[]>('invalid-frames');
  t.true(vectors.length > 20);
  for (const { why, frame, error } of vectors) {
    const thrown = t.throws(() => decode(frame), undefined, why);
    t.true(isCompartidosError(thrown, error), `${why}: ${String(thrown)}`);
  }
});

test('clauses 1.4 and 1.5: device ids', async (t) => {
  const vectors =
    await readVectors<{ publicKey?: string; bytes: string; id: string; shown: string }[]>('devices');
  for (const { publicKey, bytes, id, shown } of vectors) {
    const device = deviceIdFromBytes(bytesOf(bytes));
    t.is(String(device), id);
    t.is(hexOf(deviceIdToBytes(device)), bytes);
    t.is(formatDeviceId(device), shown);
    t.is(parseDeviceId(shown), device);
    if (publicKey) t.is(deviceIdOfPublicKey(bytesOf(publicKey)), device);
  }
});

test('clauses 1.6 and 1.7: block layouts and hashes', async (t) => {
  const { layout, hashes } = await readVectors<{
    layout: { size: number; blockSize: number; count: number; last?: { offset: number; length: number } }[];
    hashes: { blocks: string; hash: string }[];
  }>('blocks');
  for (const { size, blockSize, count, last } of layout) {
    t.is(blockSizeFor(size), blockSize);
    t.is(blockCount(size), count);
    if (last) t.deepEqual(blockRange(size, count - 1), last);
  }
  for (const { blocks, hash } of hashes) t.is(hexOf(contentHash(bytesOf(blocks))), hash);
});

test('clauses 7.2, 7.4 and 7.8: classic requests', async (t) => {
  const vectors = await readVectors<{ request: string; meaning?: object }[]>('classic');
  for (const { request, meaning } of vectors)
    t.deepEqual(parseClassicRequest(bytesOf(request)), meaning as never);
});
