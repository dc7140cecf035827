import test from 'ava';
import fc from 'fast-check';
import { isCompartidosError } from '../../src/core/errors.ts';
import { MAX_BLOCK_BYTES } from '../../src/model/block-layout.ts';
import { decodeFrame, encodeMessage } from '../../src/wire/codec.ts';
import { FrameDecoder } from '../../src/wire/frame-decoder.ts';
import { FRAME_HEADER_BYTES, MAX_DATA_FRAME_BYTES } from '../../src/wire/limits.ts';
import { packValue, type WireValue } from '../../src/wire/message-pack.ts';
import { MESSAGE_TYPES, type MessageType } from '../../src/wire/message-types.ts';
import type { Message } from '../../src/wire/messages/message.ts';
import { arbitraryMessage } from '../support/arbitrary-messages.ts';
import { plain } from '../support/plain-values.ts';
import { replyTo } from '../support/wanted-block.ts';

const HASH = new Uint8Array(32).fill(7);

/** Decodes a hand-made array as a message of `type`. */
function decode(type: MessageType, array: WireValue): Message {
  return decodeFrame(MESSAGE_TYPES[type].number, packValue(array));
}

test('every message survives the way over the wire', (t) => {
  fc.assert(
    fc.property(arbitraryMessage, (message) => {
      const decoder = new FrameDecoder(MAX_DATA_FRAME_BYTES);
      const frames = [...decoder.push(Buffer.concat(encodeMessage(message)))];
      const [frame] = frames;
      t.is(frames.length, 1);
      t.deepEqual(plain(decodeFrame(frame!.type, frame!.body)), plain(message));
    }),
    { numRuns: 2000 },
  );
});

test('clause 3.4: elements that a later version appends are ignored', (t) => {
  t.deepEqual(decode('ping', [7, 'later', [1, 2]]), { type: 'ping', nonce: 7 });
  t.deepEqual(decode('index-query', [new Uint8Array(0), 3, null]), {
    type: 'index-query',
    indexId: '',
    after: 3,
  });
});

test('clause 4.11: the bytes of a block are copied neither when encoded nor when decoded', (t) => {
  const block = new Uint8Array(1000);
  const [header, ...blocks] = encodeMessage(replyTo({ id: 1 }, block));
  t.is(blocks.at(-1), block);
  const body = new Uint8Array([...header!.subarray(FRAME_HEADER_BYTES), ...block]);
  const reply = decodeFrame(MESSAGE_TYPES['block-reply'].number, body);
  t.is(reply.type === 'block-reply' ? reply.bytes[0]?.buffer : undefined, body.buffer);
});

test('a message at its limit is sent, one beyond it is not', (t) => {
  // Type, id, count and one outcome come before the block.
  const most = new Uint8Array(MAX_DATA_FRAME_BYTES - 8);
  t.notThrows(() => encodeMessage(replyTo({ id: 1 }, most)));
  const error = t.throws(() => encodeMessage(replyTo({ id: 1 }, new Uint8Array(most.length + 1))));
  t.true(isCompartidosError(error, 'INTERNAL'));
});

const HELLO: readonly WireValue[] = [1, 1, 0, ['a'], 'i1', 'name', 'agent', 6000];
const BLOCK: readonly WireValue[] = ['a', HASH, 0, 1, HASH];
const request = (...blocks: WireValue[]): WireValue => [1, blocks];
/** A folder, by the fields of clause 4.7. */
const ENTRY: readonly WireValue[] = ['a', 1, 0, 0, 0, '', [0, 1], new Uint8Array(0), null, 5];
const update = (...entries: WireValue[]): WireValue => [new Uint8Array(8), 4, 6, [HASH], entries];
const PEER: readonly WireValue[] = [HASH, 'name', '192.0.2.1', 6000];
const without = (array: readonly WireValue[], index: number, value: WireValue): WireValue =>
  array.map((element, at) => (at === index ? value : element));

const INVALID: readonly [what: string, type: MessageType, array: WireValue, field: string][] = [
  ['hello: not an array', 'hello', 'x', 'hello'],
  ['hello: version 0', 'hello', without(HELLO, 0, 0), 'hello.lowest'],
  ['hello: lowest above highest', 'hello', without(HELLO, 0, 2), 'hello.highest'],
  ['hello: unknown role', 'hello', without(HELLO, 2, 2), 'hello.role'],
  ['hello: feature in capitals', 'hello', without(HELLO, 3, ['A']), 'hello.features.0'],
  ['hello: a feature twice', 'hello', without(HELLO, 3, ['a', 'a']), 'hello.features'],
  [
    'hello: 65 features',
    'hello',
    without(
      HELLO,
      3,
      Array.from({ length: 65 }, (_, i) => `f${i}`),
    ),
    'hello.features',
  ],
  ['hello: empty instance', 'hello', without(HELLO, 4, ''), 'hello.instance'],
  ['hello: an instance with a space', 'hello', without(HELLO, 4, 'i 1'), 'hello.instance'],
  ['hello: an agent that clears the screen', 'hello', without(HELLO, 6, '\u001b[2J'), 'hello.agent'],
  ['hello: a name that clears the screen', 'hello', without(HELLO, 5, '\u001b[2J'), 'hello.name'],
  ['hello: a name with a C1 control', 'hello', without(HELLO, 5, 'a\u009b2J'), 'hello.name'],
  ['hello: a long name', 'hello', without(HELLO, 5, 'n'.repeat(256)), 'hello.name'],
  ['hello: a name that is not UTF-8', 'hello', without(HELLO, 5, new Uint8Array([0xc0, 0xaf])), 'hello.name'],
  ['hello: port 0', 'hello', without(HELLO, 7, 0), 'hello.port'],
  ['hello: port 65536', 'hello', without(HELLO, 7, 65_536), 'hello.port'],
  ['hello: too short', 'hello', HELLO.slice(0, 7), 'hello.port'],
  ['ping: a negative nonce', 'ping', [-1], 'ping.nonce'],
  ['ping: true for a nonce', 'ping', [true], 'ping.nonce'],
  ['pong: a nonce beyond 32 bits', 'pong', [2 ** 32], 'pong.nonce'],
  ['goodbye: unknown reason', 'goodbye', [6], 'goodbye.reason'],
  ['index-query: an index id of 7 bytes', 'index-query', [new Uint8Array(7), 0], 'index'],
  ['index-query: after -1', 'index-query', [new Uint8Array(8), -1], 'index-query.after'],
  ['index-update: no index id', 'index-update', [new Uint8Array(0), 0, 0, [], []], 'index-update.index'],
  ['index-update: until < after', 'index-update', [new Uint8Array(8), 2, 1, [], []], 'index-update.until'],
  [
    'index-update: a device twice',
    'index-update',
    [new Uint8Array(8), 0, 1, [HASH, HASH], []],
    'index-update.devices',
  ],
  ['index-update: told before', 'index-update', update(without(ENTRY, 9, 4)), 'entry.sequence'],
  ['index-update: beyond its end', 'index-update', update(without(ENTRY, 9, 7)), 'entry.sequence'],
  ['index-update: one number twice', 'index-update', update(ENTRY, ENTRY), 'entry.sequence'],
  ['index-update: entries missing', 'index-update', [new Uint8Array(8), 0, 1, []], 'index-update.entries'],
  ['availability: path with ..', 'availability', ['a/../b', HASH, HASH], 'availability.path'],
  ['availability: short hash', 'availability', ['a', HASH.subarray(1), HASH], 'availability.hash'],
  ['availability: too many bits', 'availability', ['a', HASH, new Uint8Array(8193)], 'availability.have'],
  ['peers: a host name', 'peers', [[without(PEER, 2, 'example.org')]], 'peers.peer.host'],
  ['peers: an address with a zone', 'peers', [[without(PEER, 2, 'fe80::1%eth0')]], 'peers.peer.host'],
  [
    'peers: an IPv4 address as one of IPv6',
    'peers',
    [[without(PEER, 2, '::ffff:192.0.2.1')]],
    'peers.peer.host',
  ],
  ['peers: an octet of 256', 'peers', [[without(PEER, 2, '192.0.2.256')]], 'peers.peer.host'],
  ['peers: a name that clears the screen', 'peers', [[without(PEER, 1, '\u001b[2J')]], 'peers.peer.name'],
  ['peers: a short device id', 'peers', [[without(PEER, 0, HASH.subarray(1))]], 'peers.peer.device'],
  [
    'sync-rules: 1001 of them',
    'sync-rules',
    [Array.from({ length: 1001 }, () => [HASH, 0])],
    'sync-rules.rules',
  ],
  ['sync-rules: a short hash', 'sync-rules', [[[HASH.subarray(1), 0]]], 'sync-rules.rule.key'],
  ['sync-rules: a negative sequence', 'sync-rules', [[[HASH, -1]]], 'sync-rules.rule.since'],
  ['peers: 257 of them', 'peers', [Array.from({ length: 257 }, () => PEER)], 'peers.peers'],
  [
    'block-request: an absolute path',
    'block-request',
    request(without(BLOCK, 0, '/etc/passwd')),
    'block-request.block.path',
  ],
  [
    'block-request: a backslash',
    'block-request',
    request(without(BLOCK, 0, '..\\x')),
    'block-request.block.path',
  ],
  [
    'block-request: the private folder',
    'block-request',
    request(without(BLOCK, 0, '.Compartidos/x')),
    'block-request.block.path',
  ],
  ['block-request: NFD', 'block-request', request(without(BLOCK, 0, 'e\u0301')), 'block-request.block.path'],
  [
    'block-request: a path of 4097 bytes',
    'block-request',
    request(without(BLOCK, 0, 'a/'.repeat(2049))),
    'block-request.block.path',
  ],
  [
    'block-request: half a content hash',
    'block-request',
    request(without(BLOCK, 1, HASH.subarray(16))),
    'block-request.block.content',
  ],
  ['block-request: nothing', 'block-request', request(without(BLOCK, 3, 0)), 'block-request.block.length'],
  ['block-request: no block', 'block-request', request(), 'block-request.blocks'],
  [
    'block-request: 257 blocks',
    'block-request',
    request(...Array.from({ length: 257 }, () => BLOCK)),
    'block-request.blocks',
  ],
  [
    'block-request: too much together',
    'block-request',
    request(without(BLOCK, 3, MAX_BLOCK_BYTES), BLOCK),
    'block-request.blocks',
  ],
  [
    'block-request: the second block is invalid',
    'block-request',
    request(BLOCK, without(BLOCK, 0, '/')),
    'block-request.block.path',
  ],
  [
    'block-request: too much',
    'block-request',
    request(without(BLOCK, 3, MAX_BLOCK_BYTES + 1)),
    'block-request.block.length',
  ],
  [
    'block-request: offset beyond every file',
    'block-request',
    request(without(BLOCK, 2, 2 ** 52)),
    'block-request.block.offset',
  ],
  [
    'block-request: beyond every file',
    'block-request',
    request(without(without(BLOCK, 2, 2 ** 40 - 1) as WireValue[], 3, 2)),
    'block-request.block.length',
  ],
];

for (const [what, type, array, field] of INVALID) {
  test(`refused: ${what}`, (t) => {
    const error = t.throws(() => decode(type, array));
    t.true(isCompartidosError(error, 'MESSAGE_INVALID'), String(error));
    t.is(isCompartidosError(error) && error.params['field'], field);
  });
}

test('what the refusals are measured against is itself taken', (t) => {
  t.notThrows(() => decode('hello', HELLO));
  t.notThrows(() => decode('block-request', request(BLOCK)));
  t.notThrows(() => decode('index-update', update(ENTRY, without(ENTRY, 9, 6))));
  t.notThrows(() => decode('peers', [[PEER, without(PEER, 2, 'fe80::1'), without(PEER, 2, '2001:db8::7')]]));
});

test('an error says what came without repeating it', (t) => {
  const error = t.throws(() => decode('block-request', request(without(BLOCK, 0, '../secret'))));
  t.false(String(error).includes('secret'));
  const got = (nonce: WireValue) => {
    const refusal = t.throws(() => decode('ping', [nonce]));
    return isCompartidosError(refusal) && refusal.params['got'];
  };
  t.deepEqual([-1, true, null, new Uint8Array(3), [1, 2]].map(got), [
    '-1',
    'true',
    'nil',
    '3 bytes',
    'an array of 2',
  ]);
});

test('clause 3.3: a body is one MessagePack value without maps, floats and extensions', (t) => {
  const bodies: readonly [what: string, hex: string][] = [
    ['empty', ''],
    ['a map', '9181a16101'],
    ['a float', '91cb3ff0000000000000'],
    ['an extension', '91d40001'],
    ['the reserved byte', '91c1'],
    ['cut off', '92'],
    ['cut off in a length', '91dd0000'],
    ['an array longer than the body', '91ddffffffff'],
    ['a byte string longer than the body', '91c6ffffffff'],
    ['something after it', '910100'],
    ['seven arrays deep', '91919191919191'],
  ];
  for (const [what, hex] of bodies) {
    const error = t.throws(
      () => decodeFrame(MESSAGE_TYPES.ping.number, Buffer.from(hex, 'hex')),
      undefined,
      what,
    );
    t.true(isCompartidosError(error, 'MESSAGE_INVALID'), what);
  }
});

test('integers beyond 2^53 are refused, however they are written', (t) => {
  for (const after of ['cf0020000000000000', 'cfffffffffffffffff', 'd3ffdfffffffffffff']) {
    const body = Buffer.from(`92c400${after}`, 'hex');
    const error = t.throws(() => decodeFrame(MESSAGE_TYPES['index-query'].number, body));
    t.true(isCompartidosError(error, 'MESSAGE_INVALID'));
  }
});

test('a small body cannot make the decoder build large arrays', (t) => {
  // Each of these headers alone would have it reserve half a megabyte; together over a hundred gigabytes.
  const body = Buffer.alloc(1_000_000, Buffer.from('dcffff', 'hex'));
  const before = process.memoryUsage().rss;
  t.throws(() => decodeFrame(MESSAGE_TYPES['index-update'].number, body));
  t.true(process.memoryUsage().rss - before < 50_000_000);
});

test('the header is five bytes: length of the rest, type', (t) => {
  const [frame] = encodeMessage({ type: 'ping', nonce: 5 });
  t.is(Buffer.from(frame!).toString('hex'), '00000003' + '03' + '9105');
  t.is(frame!.length, FRAME_HEADER_BYTES + 2);
});
