import { createHash } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { rollingHash } from '../../src/model/rolling-hash.ts';
import { matchBlocks, type WantedBlock } from '../../src/sync/block-matcher.ts';

const BLOCK = 32;
const strongHash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** Whole blocks of `content`, as its entry would announce them. */
function blocksOf(content: Uint8Array): WantedBlock[] {
  const blocks: WantedBlock[] = [];
  for (let at = 0; at + BLOCK <= content.length; at += BLOCK) {
    const bytes = content.subarray(at, at + BLOCK);
    blocks.push({ index: at / BLOCK, weak: rollingHash(bytes), hash: strongHash(bytes) });
  }
  return blocks;
}

function* inChunks(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const content = fc.uint8Array({ minLength: 10 * BLOCK, maxLength: 40 * BLOCK });

test('bytes inserted at the front cost one block, whatever their number', (t) => {
  fc.assert(
    fc.property(
      content,
      fc.uint8Array({ minLength: 1, maxLength: 3 * BLOCK }),
      fc.integer({ min: 1, max: 5 * BLOCK }),
      (old, inserted, chunk) => {
        const changed = Buffer.concat([inserted, old]);
        const wanted = blocksOf(changed);
        const found = new Set<number>();
        for (const { index } of matchBlocks(inChunks(old, chunk), BLOCK, wanted, strongHash))
          found.add(index);
        const touched = Math.ceil(inserted.length / BLOCK);
        // Blocks that contain no inserted byte are whole in the old content.
        t.true(found.size >= new Set(wanted.slice(touched).map((block) => block.index)).size - 1);
      },
    ),
    { numRuns: 500 },
  );
});

test('what is found is what was wanted, where it is said to lie', (t) => {
  fc.assert(
    fc.property(content, content, fc.integer({ min: 1, max: 100 }), fc.nat(), (base, other, chunk, cut) => {
      const at = cut % base.length;
      const old = Buffer.concat([base.subarray(0, at), other, base.subarray(at)]);
      const wanted = blocksOf(base);
      const seen = new Set<number>();
      for (const { index, offset, bytes } of matchBlocks(inChunks(old, chunk), BLOCK, wanted, strongHash)) {
        if (seen.has(index)) t.fail(`block ${index} twice`);
        seen.add(index);
        const expected = Buffer.from(base.subarray(index * BLOCK, (index + 1) * BLOCK));
        if (!expected.equals(bytes)) t.fail(`block ${index} has other bytes`);
        if (!expected.equals(old.subarray(offset, offset + BLOCK))) t.fail(`block ${index} lies elsewhere`);
      }
      t.pass();
    }),
    { numRuns: 500 },
  );
});

test('content that collides on purpose costs a bounded number of strong hashes', (t) => {
  let hashed = 0;
  const wanted = blocksOf(new Uint8Array(BLOCK).fill(0x41)).map((block) => ({
    ...block,
    weak: rollingHash(new Uint8Array(BLOCK)),
  }));
  const zeros = inChunks(new Uint8Array(100_000), 4096);
  const found = matchBlocks(zeros, BLOCK, wanted, (bytes) => {
    hashed += 1;
    return strongHash(bytes);
  });
  t.deepEqual([...found], []);
  t.true(hashed <= 8, `${hashed} strong hashes`);
});
