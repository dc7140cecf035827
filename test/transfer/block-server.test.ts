import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import { isCompartidosError } from '../../src/core/errors.ts';
import type { OpenFile } from '../../src/core/file-system.ts';
import { blake3 } from '../../src/core/blake3.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { blockHash } from '../../src/model/file-entry.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { PlainBlockReader } from '../../src/transfer/block-reader.ts';
import type { BlockReader } from '../../src/transfer/block-reader.ts';
import { WorkerBlockReader } from '../../src/transfer/worker-block-reader.ts';
import type { WantedBlock } from '../../src/wire/messages/message.ts';
import { deviceNamed } from '../support/entries.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { TransferPeer } from '../support/transfer-peer.ts';
import { bytesOf } from '../support/wanted-block.ts';

const BLOCK = 128 * 1024;
const asker = deviceNamed('asker');

function requestFor(entry: FileEntry, index: number, changes: Partial<WantedBlock> = {}): WantedBlock {
  return {
    path: entry.path,
    content: entry.hash!,
    offset: index * BLOCK,
    length: Math.min(BLOCK, entry.size - index * BLOCK),
    hash: blockHash(entry, index)!,
    ...changes,
  };
}

/** Rejects with REQUEST_REFUSED. */
async function serve(peer: TransferPeer, block: WantedBlock): Promise<Uint8Array> {
  const [answer] = await peer.server.serve(asker, [block]);
  return bytesOf(answer!);
}

function refused(reason: string) {
  return { message: `REQUEST_REFUSED {"reason":"${reason}"}` };
}

test('blocks are served as they are, under the path and, after a rename, by content', async (t) => {
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer');
  const bytes = randomBytes(3 * BLOCK + 5);
  const entry = await peer.write('file', bytes);
  for (const index of [0, 1, 2, 3]) {
    const block = await serve(peer, requestFor(entry, index));
    t.true(Buffer.from(block).equals(bytes.subarray(index * BLOCK, (index + 1) * BLOCK)));
  }
  await rename(join(peer.folder, 'file'), join(peer.folder, 'renamed'));
  await peer.index.refresh(parseRelativePath('file'));
  await peer.index.refresh(parseRelativePath('renamed'));
  t.is((await serve(peer, requestFor(entry, 3))).length, 5);
});

test('nothing but a whole block with its hash is served, whatever is asked for', async (t) => {
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer');
  const entry = await peer.write('file', randomBytes(3 * BLOCK + 5));
  const number = fc.oneof(fc.constantFrom(0, 5, BLOCK, 3 * BLOCK, -1, 2 ** 53), fc.integer(), fc.double());
  const hash = fc.oneof(
    fc.constantFrom(...[0, 1, 2, 3].map((index) => blockHash(entry, index)!)),
    fc.uint8Array({ maxLength: 40 }),
  );
  const content = fc.constantFrom(entry.hash!, new Uint8Array(), new Uint8Array(32));
  await fc.assert(
    fc.asyncProperty(number, number, hash, content, async (offset, length, wanted, whole) => {
      const request = requestFor(entry, 0, { offset, length, hash: wanted, content: whole });
      try {
        const bytes = await serve(peer, request);
        const index = offset / BLOCK;
        return bytes.length === length && Buffer.compare(wanted, blockHash(entry, index)!) === 0;
      } catch (error) {
        return isCompartidosError(error, 'REQUEST_REFUSED');
      }
    }),
    { numRuns: 10_000 },
  );
  t.pass();
});

test('the policy is asked, also for the path that the content is found under', async (t) => {
  const secret = parseRelativePath('secret');
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer', {
    access: { allows: (_, action) => action.type !== 'read' || action.path !== secret },
  });
  const entry = await peer.write('secret', Buffer.from('confidential'));
  await t.throwsAsync(serve(peer, requestFor(entry, 0)), refused('denied'));
  const elsewhere = requestFor(entry, 0, { path: parseRelativePath('anything') });
  await t.throwsAsync(serve(peer, elsewhere), refused('denied'));
});

test('what is unknown is not found, and what has changed is refused as changed', async (t) => {
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer');
  const entry = await peer.write('file', Buffer.from('one'));
  const path = parseRelativePath('nothing');
  await t.throwsAsync(
    serve(peer, requestFor(entry, 0, { path, content: new Uint8Array(32) })),
    refused('not-found'),
  );
  const other = requestFor(entry, 0, { content: new Uint8Array(32).fill(1) });
  await t.throwsAsync(serve(peer, other), refused('changed'));

  t.is((await serve(peer, requestFor(entry, 0))).length, 3);
  await writeFile(join(peer.folder, 'file'), 'two');
  await utimes(join(peer.folder, 'file'), 1, 1);
  await t.throwsAsync(serve(peer, requestFor(entry, 0)), refused('changed'));
  await rm(join(peer.folder, 'file'));
  await t.throwsAsync(serve(peer, requestFor(entry, 0)), refused('changed'));
});

test('what a crash may have damaged is served only if it is what it should be', async (t) => {
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer');
  const whole = await peer.write('whole', Buffer.from('as it was'));
  const torn = await peer.write('torn', Buffer.from('as it was written'));
  for (const { path } of [whole, torn]) peer.index.doubted.add(path);
  await writeFile(join(peer.folder, 'torn'), Buffer.alloc(torn.size));
  await new NodeFileSystem().setModified(join(peer.folder, 'torn'), torn.mtimeUs);

  t.is(Buffer.from(await serve(peer, requestFor(whole, 0))).toString(), 'as it was');
  t.deepEqual(peer.index.suspected, []);
  await t.throwsAsync(serve(peer, requestFor(torn, 0)), refused('changed'));
  t.deepEqual(peer.index.suspected, [torn.path]);
});

test('a file that was replaced by a link is not followed', async (t) => {
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer');
  const entry = await peer.write('file', Buffer.from('mine'));
  await peer.write('other', Buffer.from('mine'));
  await rm(join(peer.folder, 'file'));
  await symlink(join(peer.folder, 'other'), join(peer.folder, 'file'));
  await t.throwsAsync(serve(peer, requestFor(entry, 0)), refused('changed'));
});

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

test('of a request each block is answered by itself, and what is sent lies in one piece', async (t) => {
  const secret = parseRelativePath('secret');
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer', {
    access: { allows: (_, action) => action.type !== 'read' || action.path !== secret },
  });
  const bytes = randomBytes(2 * BLOCK + 5);
  const entry = await peer.write('file', bytes);
  const other = await peer.write('other', Buffer.from('other'));
  const hidden = await peer.write('secret', Buffer.from('confidential'));
  const gone = await peer.write('gone', Buffer.from('gone'));
  await rm(join(peer.folder, 'gone'));
  const answers = await peer.server.serve(asker, [
    requestFor(entry, 0),
    requestFor(hidden, 0),
    requestFor(entry, 1),
    requestFor(entry, 1, { offset: 3 }),
    requestFor(gone, 0),
    requestFor(other, 0),
    requestFor(entry, 2),
  ]);
  t.deepEqual(
    answers.filter((answer) => typeof answer === 'string'),
    ['denied', 'not-found', 'changed'],
  );
  const sent = answers.filter((answer) => typeof answer !== 'string');
  t.true(Buffer.concat(sent.slice(0, 2)).equals(bytes.subarray(0, 2 * BLOCK)));
  t.is(Buffer.from(sent[2]!).toString(), 'other');
  t.true(Buffer.from(sent[3]!).equals(bytes.subarray(2 * BLOCK)));
  t.is(new Set(sent.map(({ buffer }) => buffer)).size, 1);
});
