import test from 'ava';
import { isCompartidosError } from '../../src/core/errors.ts';
import { deviceIdFromBytes } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import type { RelativePath } from '../../src/model/relative-path.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { contentHash } from '../../src/wire/content-hash.ts';
import { decodeFileEntry, encodeFileEntry, fileEntryBytes } from '../../src/wire/file-entry-codec.ts';
import { MAX_COUNTERS, MAX_FILE_BYTES, MAX_UPDATE_DEVICES } from '../../src/wire/limits.ts';
import { packValue, unpackValue, type WireValue } from '../../src/wire/message-pack.ts';
import { splitIndexUpdate } from '../../src/wire/messages/index-update.ts';
import { BLOCK } from '../support/block-size.ts';
import { plain } from '../support/plain-values.ts';

const DEVICES = [deviceIdFromBytes(Buffer.alloc(32, 1)), deviceIdFromBytes(Buffer.alloc(32, 2))];
const NUMBERS = new Map(DEVICES.map((device, index) => [device, index]));
const BLOCKS = Buffer.alloc(64, 3);

const FILE: FileEntry = {
  path: 'fotos/playa.jpg' as RelativePath,
  type: 'file',
  deleted: false,
  size: BLOCK + 1,
  mtimeUs: -1,
  executable: true,
  target: '',
  version: DEVICES.map((device) => ({ device, value: 1_700_000_000_000 })),
  blocks: BLOCKS,
  hash: contentHash(BLOCKS),
  sequence: 9,
};

/** The fields in the order of clause 4.7. */
const ORDER = ['path', 'type', 'flags', 'size', 'mtime', 'target', 'version', 'blocks', 'hash', 'sequence'];

function decodeWith(changes: Readonly<Record<string, WireValue>>): FileEntry {
  const array = [...(encodeFileEntry(FILE, NUMBERS) as WireValue[])];
  for (const [field, value] of Object.entries(changes)) array[ORDER.indexOf(field)] = value;
  return decodeFileEntry(unpackValue(packValue(array)), DEVICES);
}

test('an entry survives the way over the wire', (t) => {
  t.deepEqual(plain(decodeWith({})), plain(FILE));
});

const ACCEPTED: readonly [what: string, changes: Readonly<Record<string, WireValue>>][] = [
  ['not all blocks are hashed yet', { blocks: BLOCKS.subarray(32), hash: null }],
  ['no block is hashed yet', { blocks: new Uint8Array(0), hash: null }],
  ['an empty file', { size: 0, blocks: new Uint8Array(0), hash: contentHash(new Uint8Array(0)) }],
  ['a tombstone', { flags: 1, size: 0, blocks: new Uint8Array(0), hash: null }],
  ['what is withdrawn', { flags: 1, size: 0, blocks: new Uint8Array(0), hash: null, version: [] }],
  ['a directory', { type: 1, size: 0, blocks: new Uint8Array(0), hash: null }],
  ['a link', { type: 2, size: 0, blocks: new Uint8Array(0), hash: null, target: '../a' }],
  ['elements of a later version', { sequence: 9 }],
];
for (const [what, changes] of ACCEPTED) {
  test(`taken: ${what}`, (t) => {
    t.notThrows(() => decodeWith(changes));
  });
}

const EMPTY = { size: 0, blocks: new Uint8Array(0), hash: null };
const REFUSED: readonly [what: string, changes: Readonly<Record<string, WireValue>>, field: string][] = [
  ['a path with ..', { path: 'a/..' }, 'path'],
  ['an absolute path', { path: '/a' }, 'path'],
  ['NUL in the path', { path: 'a\0b' }, 'path'],
  ['a path that is not NFC', { path: 'n\u0303' }, 'path'],
  ['a path that is not UTF-8', { path: new Uint8Array([0xff]) }, 'path'],
  ['an overlong slash', { path: new Uint8Array([0x2e, 0x2e, 0xc0, 0xaf]) }, 'path'],
  ['a lone surrogate', { path: new Uint8Array([0xed, 0xa0, 0x80]) }, 'path'],
  ['a number for a path', { path: 3 }, 'path'],
  ['an unknown type', { type: 3 }, 'type'],
  ['an unknown flag', { flags: 4 }, 'flags'],
  ['a negative size', { size: -1 }, 'size'],
  ['a size beyond the largest', { size: MAX_FILE_BYTES + 1 }, 'size'],
  ['no version of what is there', { version: [] }, 'version'],
  ['half a pair', { version: [0] }, 'version'],
  ['a counter of 0', { version: [0, 0] }, 'version.counter'],
  ['a device twice', { version: [0, 1, 0, 1] }, 'version.device'],
  ['devices in another order', { version: [1, 1, 0, 1] }, 'version.device'],
  ['a device that is not in the table', { version: [2, 1] }, 'version.device'],
  ['a third of a hash', { blocks: BLOCKS.subarray(21), hash: null }, 'blocks'],
  ['more blocks than the size has', { blocks: Buffer.alloc(96), hash: null }, 'blocks'],
  ['a hash although blocks are missing', { blocks: BLOCKS.subarray(32) }, 'hash'],
  ['a hash that is not that of the blocks', { hash: Buffer.alloc(32, 3) }, 'hash'],
  ['a hash of 31 bytes', { hash: Buffer.alloc(31) }, 'hash'],
  ['sequence 0', { sequence: 0 }, 'sequence'],
  ['a file with a target', { target: 'x' }, 'target'],
  ['a link without a target', { type: 2, ...EMPTY }, 'target'],
  ['NUL in a target', { type: 2, ...EMPTY, target: 'a\0' }, 'target'],
  ['a target of 4097 bytes', { type: 2, ...EMPTY, target: 'a'.repeat(4097) }, 'target'],
  ['a tombstone with a size', { ...EMPTY, flags: 1, size: 1 }, 'size'],
  ['a tombstone with blocks', { ...EMPTY, flags: 1, blocks: BLOCKS }, 'blocks'],
  ['a tombstone with a hash', { ...EMPTY, flags: 1, hash: contentHash(new Uint8Array(0)) }, 'hash'],
  ['a tombstone of a link with a target', { ...EMPTY, type: 2, flags: 1, target: 'x' }, 'target'],
  ['a directory with a size', { ...EMPTY, type: 1, size: 1 }, 'size'],
];
for (const [what, changes, field] of REFUSED) {
  test(`refused: ${what}`, (t) => {
    const error = t.throws(() => decodeWith(changes));
    t.true(isCompartidosError(error, 'MESSAGE_INVALID'), String(error));
    t.is(isCompartidosError(error) && error.params['field'], `entry.${field}`);
  });
}

test('what does not belong to an entry is not sent', (t) => {
  const tombstone: FileEntry = { ...FILE, deleted: true, size: 0, blocks: new Uint8Array(0), target: 'x' };
  const decoded = decodeFileEntry(unpackValue(packValue(encodeFileEntry(tombstone, NUMBERS))), DEVICES);
  t.is(decoded.hash, undefined);
  t.is(decoded.target, '');
});

test('the size of an entry is never underestimated', (t) => {
  const devices = Array.from({ length: MAX_COUNTERS }, (_, index) =>
    deviceIdFromBytes(Buffer.alloc(32, index)),
  );
  const numbers = new Map(devices.map((device, index) => [device, MAX_UPDATE_DEVICES - 1 - index]));
  const version = devices.map((device) => ({ device, value: Number.MAX_SAFE_INTEGER }));
  const large = { ...FILE, size: MAX_FILE_BYTES, mtimeUs: Number.MIN_SAFE_INTEGER, sequence: 2 ** 50 };
  for (const entry of [
    large,
    { ...large, path: 'ñ'.repeat(100) as RelativePath },
    { ...large, version },
    {
      ...large,
      type: 'symlink' as const,
      target: 'ñ'.repeat(2000),
      blocks: new Uint8Array(0),
      hash: undefined,
    },
    { ...large, blocks: Buffer.alloc(32 * 1000) },
  ]) {
    t.true(
      packValue(encodeFileEntry(entry, entry.version === version ? numbers : NUMBERS)).length <=
        fileEntryBytes(entry),
    );
  }
});

test('clause 4.6: a large update is sent in parts that fit and leave no gap', (t) => {
  const blocks = Buffer.alloc(2000 * 32, 1);
  const entries = Array.from({ length: 300 }, (_, index) => ({
    ...FILE,
    path: `a/${index}` as RelativePath,
    size: 2000 * BLOCK,
    blocks,
    hash: undefined,
    sequence: 11 + index,
  }));
  const parts = [
    ...splitIndexUpdate({ type: 'index-update', indexId: '0'.repeat(16), after: 10, until: 400, entries }),
  ];
  t.true(parts.length > 4);
  t.is(parts[0]!.after, 10);
  t.is(parts.at(-1)!.until, 400);
  for (const [index, part] of parts.entries()) {
    t.notThrows(() => encodeMessage(part));
    if (index > 0) t.is(part.after, parts[index - 1]!.until);
  }
  t.deepEqual(
    parts.flatMap((part) => part.entries),
    entries,
  );
});

test('an update without entries is one message', (t) => {
  const update = { type: 'index-update', indexId: '0'.repeat(16), after: 3, until: 5, entries: [] } as const;
  t.deepEqual([...splitIndexUpdate(update)], [update]);
});
