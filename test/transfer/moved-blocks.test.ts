import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import { blake3 } from '../../src/core/blake3.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { blockCount, blockRange } from '../../src/model/block-layout.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { Interruption } from '../../src/transfer/interruption.ts';
import { LocalReuse } from '../../src/transfer/local-reuse.ts';
import { TemporaryFile } from '../../src/transfer/temporary-file.ts';
import { deviceNamed } from '../support/entries.ts';
import { MemoryIndex } from '../support/memory-index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BLOCK } from '../support/block-size.ts';
import { changed, noise } from '../support/edited-bytes.ts';
import type { Edit } from '../support/edited-bytes.ts';

const older = parseRelativePath('older');

interface Filled {
  /** Blocks that had to be sent while the older version was searched, in the order in which they were asked for. */
  readonly sent: number[];
  /** Blocks that are neither here nor were sent. */
  readonly missing: number;
}

interface Scene {
  /** Happens before the first block is sent. */
  readonly meanwhile?: (path: string) => Promise<void>;
  readonly interruption?: Interruption;
  readonly refuse?: (block: number) => Error | undefined;
}

/** Fills a file from its older version, and checks every byte of it. */
async function fill(t: ExecutionContext, old: Buffer, fresh: Buffer, scene: Scene = {}): Promise<Filled> {
  const folder = await temporaryFolder(t);
  const fileSystem = new NodeFileSystem();
  const index = new MemoryIndex(fileSystem, folder, deviceNamed('bob'));
  await writeFile(join(folder, older), old);
  await index.refresh(older);
  const content = entryOf(fresh);
  const target = await TemporaryFile.open(fileSystem, join(folder, 'temporary'), content);
  const sent: number[] = [];
  let copied = 0;
  try {
    await new LocalReuse({ index, fileSystem }).fill({
      content,
      older,
      target,
      interruption: scene.interruption ?? new Interruption(),
      onBlock: (bytes) => (copied += bytes),
      fetch: async (blocks, show) => {
        if (sent.length === 0) await scene.meanwhile?.(join(folder, older));
        for (const block of blocks) {
          const error = scene.refuse?.(block);
          if (error) throw error;
          t.false(target.have.has(block));
          const { offset, length } = blockRange(fresh.length, block);
          const bytes = fresh.subarray(offset, offset + length);
          await target.write(block, bytes);
          target.have.add(block);
          sent.push(block);
          show(block, bytes);
        }
      },
    });
    let bytes = 0;
    for (let block = 0; block < target.have.length; block += 1) {
      if (!target.have.has(block)) continue;
      const { offset, length } = blockRange(fresh.length, block);
      bytes += length;
      t.true(fresh.subarray(offset, offset + length).equals(await target.read(block)));
    }
    const bytesSent = sent.reduce((sum, block) => sum + blockRange(fresh.length, block).length, 0);
    t.is(copied + bytesSent, bytes);
    return { sent, missing: target.have.length - target.have.count };
  } finally {
    await target.close();
  }
}

function entryOf(bytes: Buffer): FileEntry {
  const blocks = Buffer.concat(
    Array.from({ length: blockCount(bytes.length) }, (_, index) => {
      const { offset, length } = blockRange(bytes.length, index);
      return blake3(bytes.subarray(offset, offset + length));
    }),
  );
  return {
    path: older,
    type: 'file',
    deleted: false,
    size: bytes.length,
    mtimeUs: 0,
    executable: false,
    target: '',
    version: [],
    blocks,
    hash: blake3(blocks),
    sequence: 1,
  };
}

const cost = ({ sent, missing }: Filled) => sent.length + missing;

async function atMost(t: ExecutionContext, old: Buffer, fresh: Buffer, blocks: number): Promise<void> {
  const filled = await fill(t, old, fresh);
  t.true(cost(filled) <= blocks, JSON.stringify(filled));
}

test('between several insertions and removals nothing is sent', async (t) => {
  const old = noise(1, 100 * BLOCK + 777);
  const edits: Edit[] = [
    { at: 1_000_001, removed: 0, inserted: 333 },
    { at: 3_333_337, removed: 70_001, inserted: 0 },
    { at: 6_000_011, removed: 0, inserted: 99_991 },
    { at: 9_999_999, removed: 12_345, inserted: 54_321 },
    { at: 12_000_000, removed: 1, inserted: 0 },
  ];
  await atMost(t, old, changed(old, edits), 2 * edits.length);
});

test('a long insertion and a long removal among other edits are found', async (t) => {
  const old = noise(2, 200 * BLOCK);
  const edits: Edit[] = [
    { at: 2_000_003, removed: 0, inserted: 11 },
    { at: 5_000_003, removed: 0, inserted: 20 * BLOCK + 17 },
    { at: 8_000_009, removed: 60 * BLOCK + 5, inserted: 0 },
    { at: 20_000_003, removed: 0, inserted: 7 },
  ];
  const { sent, missing } = await fill(t, old, changed(old, edits));
  // What is new has to be sent, and while it is looked for what follows, some more is under way.
  t.true(sent.length + missing <= 20 + 2 * 16 + 20, String(sent.length));
});

test('what is overwritten in what has moved costs no more than itself', async (t) => {
  const old = noise(3, 60 * BLOCK);
  const edits: Edit[] = [
    { at: 500_001, removed: 0, inserted: 10 },
    { at: 3_000_001, removed: 10, inserted: 10 },
    { at: 6_000_001, removed: 0, inserted: 10 },
  ];
  await atMost(t, old, changed(old, edits), 2 * edits.length);
});

test('parts that have changed places are found', async (t) => {
  const old = noise(4, 22 * BLOCK);
  const cut = 7 * BLOCK + 1234;
  const fresh = Buffer.concat([old.subarray(2 * cut), old.subarray(cut, 2 * cut), old.subarray(0, cut)]);
  await atMost(t, old, fresh, 3 * 3);
});

test('where there is nothing to recognise, the search ends', async (t) => {
  const zeros = Buffer.alloc(40 * BLOCK);
  const edits: Edit[] = [
    { at: 100_001, removed: 0, inserted: 10 },
    { at: 4_000_001, removed: 0, inserted: 10 },
  ];
  await fill(t, zeros, changed(zeros, edits));
  const rows = Buffer.alloc(40 * BLOCK, '0123456789abcdefghijklmnopqrstuvwxyz\n');
  await atMost(t, rows, changed(rows, edits), 2 * edits.length);
});

test('a wholly different file is not searched for long', async (t) => {
  const { sent, missing } = await fill(t, noise(5, 80 * BLOCK), noise(6, 80 * BLOCK));
  t.is(sent.length + missing, 80);
  t.deepEqual(
    sent.toSorted((a, b) => a - b),
    sent,
  );
});

test('an older version that is replaced while it is searched does no harm', async (t) => {
  const old = noise(7, 30 * BLOCK);
  const fresh = changed(old, [
    { at: 200_001, removed: 0, inserted: 10 },
    { at: 3_000_001, removed: 0, inserted: 10 },
  ]);
  await fill(t, old, fresh, {
    meanwhile: async (path) => {
      await writeFile(`${path}.new`, noise(8, 1000));
      await rename(`${path}.new`, path);
    },
  });
  await fill(t, old, fresh, { meanwhile: (path) => writeFile(path, noise(9, 5 * BLOCK)) });
  t.pass();
});

test('what fetching fails with ends the search', async (t) => {
  const gone = new Error('nobody has it');
  const fillAgain = (refuse: Scene['refuse']) =>
    fill(t, noise(10, 30 * BLOCK), noise(11, 30 * BLOCK), { refuse: refuse! });
  t.is(await t.throwsAsync(fillAgain(() => gone)), gone);
  t.is(await t.throwsAsync(fillAgain((block) => (block === 5 ? gone : undefined))), gone);
});

test('it can be interrupted', async (t) => {
  const interruption = new Interruption();
  const filling = fill(t, noise(12, 30 * BLOCK), noise(13, 30 * BLOCK), {
    interruption,
    refuse: (block) => void (block === 1 && interruption.interrupt()),
  });
  await t.throwsAsync(filling, { code: 'ABORTED' });
});

test('whatever was edited, every byte is right and few are sent', async (t) => {
  const old = noise(14, 40 * BLOCK + 4321);
  const edit = fc.record({
    at: fc.nat(old.length),
    removed: fc.oneof(fc.constant(0), fc.nat(2 * BLOCK)),
    inserted: fc.oneof(fc.constant(0), fc.nat(2 * BLOCK)),
  });
  let sent = 0;
  let expected = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 5 }), async (edits) => {
      sent += cost(await fill(t, old, changed(old, edits)));
      const inserted = edits.reduce((sum, { inserted: count }) => sum + Math.ceil(count / BLOCK), 0);
      // Per edit the block that it is in and the one that it may reach into; in a search, three more blocks under way.
      expected += 2 * inserted + 5 * edits.length;
    }),
    { numRuns: 60 },
  );
  // Together: where one edit lies in what is fetched during the search for the one before, more are sent.
  t.true(sent <= expected / 2, `${sent} of ${expected}`);
});
