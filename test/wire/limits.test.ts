import test from 'ava';
import { isCompartidosError } from '../../src/core/errors.ts';
import { deviceIdFromBytes } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { decodeFrame, encodeMessage } from '../../src/wire/codec.ts';
import { FrameDecoder } from '../../src/wire/frame-decoder.ts';
import * as limits from '../../src/wire/limits.ts';
import { packValue, type WireValue } from '../../src/wire/message-pack.ts';
import { MESSAGE_TYPES, type MessageType } from '../../src/wire/message-types.ts';
import { splitIndexUpdate } from '../../src/wire/messages/index-update.ts';
import { tombstone } from '../support/entries.ts';

const HASH = new Uint8Array(32);
const EMPTY = new Uint8Array(0);
const INDEX = new Uint8Array(limits.INDEX_ID_BYTES);
const deviceBytes = (index: number) => Buffer.from(index.toString(16).padStart(64, '0'), 'hex');
const device = (index: number) => deviceIdFromBytes(deviceBytes(index));

/** Their bytes, in the order that an update demands. */
const devices = (count: number): WireValue =>
  Array.from({ length: count }, (_, index) => deviceBytes(index)).sort((a, b) =>
    deviceIdFromBytes(a) < deviceIdFromBytes(b) ? -1 : 1,
  );

/** A folder, by the fields of clause 4.7. */
const folder = (sequence: number, version: WireValue = [0, 1]): WireValue => [
  ...['a', 1, 0, 0, 0, '', version, EMPTY, null],
  sequence,
];
const counters = (count: number): WireValue =>
  Array.from({ length: 2 * count }, (_, at) => (at % 2 ? 1 : at / 2));
const hello = (changes: Readonly<Record<number, WireValue>>): WireValue =>
  [1, 1, 0, [], 'i1', 'name', 'agent', 6000].map((value, at) => changes[at] ?? value);
const update = (devicesOfIt: WireValue, entries: WireValue): WireValue => [
  INDEX,
  0,
  20_000,
  devicesOfIt,
  entries,
];

const CASES: readonly [
  limit: Exclude<keyof typeof limits, `${string}_FRAME_BYTES`>,
  type: MessageType,
  of: (count: number) => WireValue,
][] = [
  ['MAX_PROTOCOL_VERSION', 'hello', (version) => hello({ 1: version })],
  ['MAX_FEATURES', 'hello', (count) => hello({ 3: Array.from({ length: count }, (_, at) => `f${at}`) })],
  ['MAX_FEATURE_BYTES', 'hello', (bytes) => hello({ 3: ['f'.repeat(bytes)] })],
  ['MAX_INSTANCE_BYTES', 'hello', (bytes) => hello({ 4: 'i'.repeat(bytes) })],
  ['MAX_NAME_BYTES', 'hello', (bytes) => hello({ 5: 'n'.repeat(bytes) })],
  ['MAX_AGENT_BYTES', 'hello', (bytes) => hello({ 6: 'a'.repeat(bytes) })],
  ['MAX_PORT', 'hello', (port) => hello({ 7: port })],
  ['MAX_NONCE', 'ping', (nonce) => [nonce]],
  ['INDEX_ID_BYTES', 'index-query', (bytes) => [new Uint8Array(bytes), 0]],
  ['INDEX_ID_BYTES', 'index-update', (bytes) => [new Uint8Array(bytes), 0, 0, [], []]],
  ['MAX_UPDATE_DEVICES', 'index-update', (count) => update(devices(count), [])],
  [
    'MAX_UPDATE_ENTRIES',
    'index-update',
    (count) =>
      update(
        [HASH],
        Array.from({ length: count }, (_, at) => folder(at + 1)),
      ),
  ],
  ['MAX_COUNTERS', 'index-update', (count) => update(devices(count), [folder(1, counters(count))])],
  // The array, what is in it before, and what it ends with.
  ['MAX_VALUES', 'ping', (count) => [1, Array.from({ length: count - 3 }, () => 0)]],
  ['MAX_DEPTH', 'ping', (depth) => [1, nested(depth - 1)]],
  ['MAX_HAVE_BYTES', 'availability', (bytes) => ['a', HASH, new Uint8Array(bytes)]],
  [
    'MAX_PEERS_TOLD',
    'peers',
    (count) => [Array.from({ length: count }, () => [HASH, 'name', '192.0.2.1', 6000])],
  ],
  ['MAX_SYNC_RULES', 'sync-rules', (count) => [Array.from({ length: count }, () => [HASH, 0])]],
  ['MAX_NAME_BYTES', 'peers', (bytes) => [[[HASH, 'n'.repeat(bytes), '192.0.2.1', 6000]]]],
  ['MAX_PORT', 'peers', (port) => [[[HASH, 'name', '192.0.2.1', port]]]],
  ['MAX_REQUEST_ID', 'block-request', (id) => [id, [['a', HASH, 0, 1, HASH]]]],
  [
    'MAX_REQUEST_BLOCKS',
    'block-request',
    (count) => [1, Array.from({ length: count }, () => ['a', HASH, 0, 1, HASH])],
  ],
  ['MAX_FILE_BYTES', 'block-request', (end) => [1, [['a', HASH, end - 1, 1, HASH]]]],
];

function nested(depth: number): WireValue {
  return depth === 1 ? [] : [nested(depth - 1)];
}

for (const [limit, type, of] of CASES) {
  test(`clause 6.1: ${type} is taken up to ${limit} and refused beyond`, (t) => {
    const decode = (count: number) => decodeFrame(MESSAGE_TYPES[type].number, packValue(of(count)));
    t.notThrows(() => decode(limits[limit]));
    t.true(
      isCompartidosError(
        t.throws(() => decode(limits[limit] + 1)),
        'MESSAGE_INVALID',
      ),
    );
  });
}

/** Of as many paths as there are, each changed by these devices. */
const entriesOf = (changers: readonly (readonly number[])[]): FileEntry[] =>
  changers.map((by, at) => {
    const version = by.map((index) => ({ device: device(index), value: Number.MAX_SAFE_INTEGER }));
    version.sort((a, b) => (a.device < b.device ? -1 : 1));
    return tombstone(`${at}`, { version, sequence: at + 1 });
  });
const range = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);

for (const [what, changers] of [
  ['entries', range(0, 2 * limits.MAX_UPDATE_ENTRIES + 1).map(() => [])],
  ['devices', range(0, 9).map((at) => range(at * limits.MAX_COUNTERS, limits.MAX_COUNTERS))],
  ['values', range(0, 300).map(() => range(0, limits.MAX_COUNTERS))],
] as const) {
  test(`clause 4.6: what has too many ${what} for one update is sent in parts that are taken`, (t) => {
    const entries = entriesOf(changers);
    const whole = { type: 'index-update', indexId: '0'.repeat(16), after: 0, until: entries.length } as const;
    const parts = [...splitIndexUpdate({ ...whole, entries })];
    const taken: FileEntry[] = [];
    let until = 0;
    for (const part of parts) {
      const decoder = new FrameDecoder(limits.MAX_DATA_FRAME_BYTES);
      const [frame] = [...decoder.push(Buffer.concat(encodeMessage(part)))];
      const message = decodeFrame(frame!.type, frame!.body);
      if (message.type !== 'index-update') return t.fail();
      t.is(message.after, until);
      until = message.until;
      taken.push(...message.entries);
    }
    t.true(parts.length > 1);
    t.is(until, whole.until);
    t.true(taken.length === entries.length && taken.every(({ path }, at) => path === entries[at]!.path));
  });
}
