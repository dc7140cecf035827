import fc from 'fast-check';
import { blockCount, HASH_BYTES, MAX_BLOCK_BYTES } from '../../src/model/block-layout.ts';
import { deviceIdFromBytes } from '../../src/model/device-id.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { pathProblem, type RelativePath } from '../../src/model/relative-path.ts';
import { contentHash } from '../../src/wire/content-hash.ts';
import { MAX_FILE_BYTES } from '../../src/wire/limits.ts';
import type { BlockReply, IndexUpdate, Message, WantedBlock } from '../../src/wire/messages/message.ts';
import { BLOCK } from './block-size.ts';

/** Valid messages of every type, as a peer that keeps to PROTOCOL.md sends them. */

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hash = bytes(HASH_BYTES);
const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const port = fc.integer({ min: 1, max: 65_535 });
const id = fc.integer({ min: 0, max: 0xffff_ffff });
const displayName = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .filter((text) => /^[^\p{Cc}]+$/u.test(text) && text.isWellFormed());
const indexId = fc.stringMatching(/^[0-9a-f]{16}$/);

export const arbitraryDevice = bytes(32).map(deviceIdFromBytes);

export const arbitraryPath: fc.Arbitrary<RelativePath> = fc
  .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/').normalize('NFC'))
  .filter((text) => pathProblem(text) === undefined)
  .map((text) => text as RelativePath);

const version = fc
  .uniqueArray(fc.record({ device: arbitraryDevice, value: positive }), {
    minLength: 1,
    maxLength: 4,
    selector: ({ device }) => device,
  })
  .map((counters) => counters.sort((a, b) => (a.device < b.device ? -1 : 1)));

const common = {
  path: arbitraryPath,
  mtimeUs: fc.maxSafeInteger(),
  executable: fc.boolean(),
  version,
  sequence: positive,
};
const nothing = { size: fc.constant(0), blocks: bytes(0), hash: fc.constant(undefined) };

const file: fc.Arbitrary<FileEntry> = fc
  .record({
    ...common,
    type: fc.constant('file' as const),
    deleted: fc.constant(false),
    target: fc.constant(''),
    size: fc.oneof(
      fc.constantFrom(0, 1, BLOCK, BLOCK + 1, MAX_FILE_BYTES),
      fc.integer({ min: 0, max: 2 ** 24 }),
    ),
    known: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: hash,
    hashed: fc.boolean(),
  })
  .map(({ known, seed, hashed, ...entry }) => {
    // A huge file is announced while its first blocks are hashed: its whole list would only slow the test down.
    const all = blockCount(entry.size);
    const count = hashed && all < 1000 ? all : Math.floor(known * Math.min(all, 20));
    const blocks = Buffer.alloc(count * HASH_BYTES, seed);
    return { ...entry, blocks, hash: count === all && hashed ? contentHash(blocks) : undefined };
  });

const other: fc.Arbitrary<FileEntry> = fc.oneof(
  fc.record({
    ...common,
    ...nothing,
    type: fc.constantFrom('file' as const, 'directory' as const, 'symlink' as const),
    deleted: fc.constant(true),
    version: fc.oneof(version, fc.constant([])),
    target: fc.constant(''),
  }),
  fc.record({
    ...common,
    ...nothing,
    type: fc.constant('directory' as const),
    deleted: fc.constant(false),
    target: fc.constant(''),
  }),
  fc.record({
    ...common,
    ...nothing,
    type: fc.constant('symlink' as const),
    deleted: fc.constant(false),
    target: fc
      .string({ unit: 'binary', minLength: 1, maxLength: 80 })
      .filter((text) => text.isWellFormed() && !text.includes('\0')),
  }),
);

export const arbitraryEntry: fc.Arbitrary<FileEntry> = fc.oneof(file, other);

const indexUpdate: fc.Arbitrary<IndexUpdate> = fc
  .record({
    indexId,
    after: fc.integer({ min: 0, max: 2 ** 40 }),
    gaps: fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 8 }),
    entries: fc.array(arbitraryEntry, { minLength: 8, maxLength: 8 }),
    beyond: fc.nat(1000),
  })
  .map(({ indexId, after, gaps, entries, beyond }) => {
    let sequence = after;
    const numbered = gaps.map((gap, index) => ({ ...entries[index]!, sequence: (sequence += gap) }));
    return { type: 'index-update', indexId, after, until: sequence + beyond, entries: numbered };
  });

const wantedBlock: fc.Arbitrary<WantedBlock> = fc.record({
  path: arbitraryPath,
  content: fc.oneof(hash, bytes(0)),
  offset: fc.integer({ min: 0, max: MAX_FILE_BYTES - MAX_BLOCK_BYTES }),
  length: fc.integer({ min: 1, max: MAX_BLOCK_BYTES / 8 }),
  hash,
});

const refusals = ['not-found', 'denied', 'changed', 'busy', 'failed'] as const;

const blockReply: fc.Arbitrary<BlockReply> = fc
  .record({
    id,
    outcomes: fc.array(fc.constantFrom('sent' as const, ...refusals), { minLength: 1, maxLength: 20 }),
    block: fc.uint8Array({ minLength: 1, maxLength: 2000 }),
  })
  .map(({ id, outcomes, block }) => {
    return { type: 'block-reply', id, outcomes, bytes: outcomes.includes('sent') ? [block] : [] };
  });

export const arbitraryMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    versions: fc
      .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }))
      .map(([a, b]) => ({ lowest: Math.min(a, b), highest: Math.max(a, b) })),
    features: fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/), { maxLength: 8 }),
    role: fc.constantFrom('control' as const, 'data' as const),
    instance: fc.stringMatching(/^[0-9a-f]{16}$/),
    name: displayName,
    agent: fc.constant('compartidos 0.1.0'),
    port,
  }),
  fc.record({
    type: fc.constant('index-query' as const),
    indexId: fc.oneof(indexId, fc.constant('')),
    after: fc.maxSafeNat(),
  }),
  indexUpdate,
  fc.record({
    type: fc.constant('availability' as const),
    path: arbitraryPath,
    hash,
    have: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({
    type: fc.constant('peers' as const),
    peers: fc.array(
      fc.record({
        device: arbitraryDevice,
        name: displayName,
        host: fc.oneof(
          fc.ipV4(),
          fc.ipV6().map((host) => new URL(`http://[${host}]/`).hostname.slice(1, -1)),
        ),
        port,
      }),
      { maxLength: 5 },
    ),
  }),
  fc.record({
    type: fc.constant('sync-rules' as const),
    rules: fc.array(fc.record({ key: hash, since: fc.maxSafeNat() }), { maxLength: 5 }),
  }),
  fc.record({ type: fc.constantFrom('ping' as const, 'pong' as const), nonce: id }),
  fc.record({
    type: fc.constant('block-request' as const),
    id,
    blocks: fc.array(wantedBlock, { minLength: 1, maxLength: 8 }),
    compare: fc.boolean(),
  }),
  blockReply,
  fc.record({
    type: fc.constant('goodbye' as const),
    reason: fc.constantFrom('stopping', 'duplicate', 'protocol-error', 'denied', 'idle', 'incompatible'),
  }),
);
