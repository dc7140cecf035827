import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { blake3 } from '../../src/core/blake3.ts';
import type { OpenFile } from '../../src/core/file-system.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { PlainBlockReader } from '../../src/transfer/block-reader.ts';
import type { BlockReader } from '../../src/transfer/block-reader.ts';
import { WorkerBlockReader } from '../../src/transfer/worker-block-reader.ts';
import { deviceNamed } from '../support/entries.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { TransferPeer } from '../support/transfer-peer.ts';
import { BLOCK } from '../support/block-size.ts';
import { bytesOf, requestFor } from '../support/wanted-block.ts';

const asker = deviceNamed('asker');

const readers: Record<string, (t: ExecutionContext) => BlockReader> = {
  plain: () => new PlainBlockReader(new NodeFileSystem()),
  worker: (t) => {
    const reader = new WorkerBlockReader(new NodeFileSystem(), systemClock);
    t.teardown(() => reader.stop());
    return reader;
  },
};

/** Asks for the first block of each at once, so that a worker is worth waking. */
async function serveAll(peer: TransferPeer, entries: readonly FileEntry[]): Promise<string[]> {
  const answers = await peer.server.serve(
    asker,
    entries.map((entry) => requestFor(entry, 0)),
  );
  return answers.map((answer) => Buffer.from(answer as Uint8Array).toString());
}

for (const [name, readerFor] of Object.entries(readers)) {
  test(`${name}: more files than may be open at once can be read at the same time`, async (t) => {
    const peer = await TransferPeer.start(t, new MemoryLan(), 'peer', { reader: readerFor(t) });
    const contents = Array.from({ length: 200 }, (_, index) => `content ${index}`);
    const entries = await Promise.all(
      contents.map((content, index) => peer.write(String(index), Buffer.from(content))),
    );
    t.deepEqual(await serveAll(peer, entries), contents);
    t.deepEqual(await serveAll(peer, entries.slice(0, 2)), contents.slice(0, 2));
  });

  test(`${name}: files whose times the disk cannot hold exactly are served`, async (t) => {
    const peer = await TransferPeer.start(t, new MemoryLan(), 'peer', { reader: readerFor(t) });
    const [folder, length] = [peer.folder, 5];
    await writeFile(join(folder, 'coarse'), 'bytes');
    await utimes(join(folder, 'coarse'), 1_700_000_000, 1_700_000_000);
    const read = async (mtimeUs: number) => {
      const expected = { size: length, mtimeUs, sequence: 1 };
      const part = { path: join(folder, 'coarse'), expected, offset: 0, length, at: 0 };
      const { results } = await readerFor(t).read(length, [part, part, part, part]);
      return new Set(results);
    };
    t.deepEqual(await read(1_700_000_001_234_567), new Set(['read']));
    t.deepEqual(await read(1_700_000_002_000_000), new Set(['changed']));
  });

  test(`${name}: files that changed in any way are refused one by one, and the others served`, async (t) => {
    const peer = await TransferPeer.start(t, new MemoryLan(), 'peer', { reader: readerFor(t) });
    const contents = Array.from({ length: 20 }, (_, index) => `content ${index}`);
    const entries = await Promise.all(
      contents.map((content, index) => peer.write(String(index), Buffer.from(content))),
    );
    const at = (index: number) => join(peer.folder, String(index));
    const times = (index: number) => [entries[index]!.mtimeUs / 1e6, entries[index]!.mtimeUs / 1e6] as const;
    await writeFile(at(1), 'CONTENT 1');
    await utimes(at(1), 1, 1);
    await rm(at(3));
    await rm(at(5));
    await symlink(at(6), at(5));
    await truncate(at(7), 4);
    await utimes(at(7), ...times(7));
    await appendFile(at(9), 'more');
    await utimes(at(9), ...times(9));
    await rm(at(11));
    await mkdir(at(11));
    const expected = contents.map((content, index) =>
      [1, 3, 5, 7, 9].includes(index) ? 'changed' : index === 11 ? 'failed' : content,
    );
    t.deepEqual(await serveAll(peer, entries), expected);
  });

  test(`${name}: a file in the place of another of its size and time is not taken for it`, async (t) => {
    const peer = await TransferPeer.start(t, new MemoryLan(), 'peer', { reader: readerFor(t) });
    const before = await peer.write('file', Buffer.from('one'));
    t.deepEqual(await serveAll(peer, [before]), ['one']);
    await writeFile(join(peer.folder, 'new'), 'two');
    await new NodeFileSystem().setModified(join(peer.folder, 'new'), before.mtimeUs);
    await rename(join(peer.folder, 'new'), join(peer.folder, 'file'));
    const blocks = blake3(Buffer.from('two'));
    const [after] = await peer.index.record([{ ...before, blocks, hash: blake3(blocks) }]);
    t.deepEqual(await serveAll(peer, [after!]), ['two']);
  });

  test(`${name}: files of many blocks are read beside small ones`, async (t) => {
    const peer = await TransferPeer.start(t, new MemoryLan(), 'peer', { reader: readerFor(t) });
    const bytes = randomBytes(3 * BLOCK + 5);
    const large = await peer.write('large', bytes);
    const small = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((each) => peer.write(each, Buffer.from(each))),
    );
    const [served, blocks] = await Promise.all([
      serveAll(peer, small),
      peer.server.serve(
        asker,
        [0, 1, 2, 3].map((index) => requestFor(large, index)),
      ),
    ]);
    t.deepEqual(served, ['a', 'b', 'c', 'd', 'e']);
    t.true(Buffer.concat(blocks.map(bytesOf)).equals(bytes));
  });
}

/** A disk that counts what is read of it, and cannot read one byte of its files. */
class DiskWithBadByte extends NodeFileSystem {
  reads = 0;
  badByte = Infinity;

  override async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    const file = await super.open(path, mode);
    return {
      stat: () => file.stat(),
      read: async (target, position) => {
        this.reads += 1;
        if (position <= this.badByte && this.badByte < position + target.length)
          throw Object.assign(new Error('i/o error'), { code: 'EIO' });
        return file.read(target, position);
      },
      write: (source, position) => file.write(source, position),
      truncate: (size) => file.truncate(size),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  }
}

test('neighbouring blocks are read as one, and each by itself where the disk cannot', async (t) => {
  const disk = new DiskWithBadByte();
  const reader = new PlainBlockReader(disk);
  t.teardown(() => reader.closeAll());
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer', { reader });
  const bytes = randomBytes(3 * BLOCK + 5);
  const file = await peer.write('file', bytes);
  const small = await peer.write('small', Buffer.from('small'));
  const ask = (indices: readonly number[]) =>
    peer.server.serve(asker, [...indices.map((index) => requestFor(file, index)), requestFor(small, 0)]);

  t.true(
    Buffer.concat((await ask([0, 1, 2, 3])).map(bytesOf)).equals(
      Buffer.concat([bytes, Buffer.from('small')]),
    ),
  );
  t.is(disk.reads, 2);
  const inOtherOrder = Buffer.concat((await ask([2, 0, 1])).map(bytesOf));
  t.true(inOtherOrder.subarray(0, BLOCK).equals(bytes.subarray(2 * BLOCK, 3 * BLOCK)));
  t.true(inOtherOrder.subarray(BLOCK, 3 * BLOCK).equals(bytes.subarray(0, 2 * BLOCK)));
  t.is(disk.reads, 5);

  disk.badByte = BLOCK + 7;
  const answers = await ask([0, 1, 2, 3]);
  t.deepEqual(
    answers.map((answer) => (typeof answer === 'string' ? answer : answer.length)),
    [BLOCK, 'failed', BLOCK, 5, 5],
  );
});

test('what a worker has not read when it ends is read without it', async (t) => {
  const reader = new WorkerBlockReader(new NodeFileSystem(), systemClock);
  t.teardown(() => reader.stop());
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer', { reader });
  const contents = Array.from({ length: 300 }, (_, index) => `content ${index}`);
  const entries = await Promise.all(
    contents.map((content, index) => peer.write(String(index), Buffer.from(content))),
  );
  const served = serveAll(peer, entries);
  // The first order has been handed to the worker by then, which takes longer than this to start.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await reader.stop();
  t.deepEqual(await served, contents);
  t.deepEqual(await serveAll(peer, entries), contents);
});
