import { randomBytes } from 'node:crypto';
import { rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { isCompartidosError } from '../../src/core/errors.ts';
import { blockHash } from '../../src/model/file-entry.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { WantedBlock } from '../../src/wire/messages/message.ts';
import { deviceNamed } from '../support/entries.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { TransferPeer } from '../support/transfer-peer.ts';
import { BLOCK } from '../support/block-size.ts';
import { bytesOf, requestFor } from '../support/wanted-block.ts';

const asker = deviceNamed('asker');

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
  await peer.rot(torn, Buffer.alloc(torn.size));

  t.is(Buffer.from(await serve(peer, requestFor(whole, 0))).toString(), 'as it was');
  t.deepEqual(peer.index.suspected, []);
  await t.throwsAsync(serve(peer, requestFor(torn, 0)), refused('changed'));
  t.deepEqual(peer.index.suspected, [torn.path]);
});

test('a block that is to be compared is sent only if it is what it should be', async (t) => {
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer');
  const rotten = await peer.write('rotten', Buffer.from('as it was written'));
  const written = await peer.write('written', Buffer.from('as it was indexed'));
  const bytes = randomBytes(3 * BLOCK);
  const whole = await peer.write('whole', bytes);
  peer.index.rotten.add(rotten.path);
  for (const entry of [rotten, written]) await peer.rot(entry, Buffer.alloc(entry.size));
  const asked = [requestFor(rotten, 0), requestFor(whole, 1), requestFor(written, 0)];

  const served = async (compare: boolean) => {
    const answers = await peer.server.serve(asker, asked, compare);
    return answers.map((answer) => (typeof answer === 'string' ? answer : Buffer.from(answer)));
  };
  const second = bytes.subarray(BLOCK, 2 * BLOCK);
  t.deepEqual(await served(false), [Buffer.alloc(rotten.size), second, Buffer.alloc(written.size)]);
  t.deepEqual(await served(true), ['failed', second, 'changed']);
  t.deepEqual([...peer.index.corrupt], [rotten.path]);
  t.deepEqual(peer.index.suspected, [written.path]);
});

test('a file that was replaced by a link is not followed', async (t) => {
  const peer = await TransferPeer.start(t, new MemoryLan(), 'peer');
  const entry = await peer.write('file', Buffer.from('mine'));
  await peer.write('other', Buffer.from('mine'));
  await rm(join(peer.folder, 'file'));
  await symlink(join(peer.folder, 'other'), join(peer.folder, 'file'));
  await t.throwsAsync(serve(peer, requestFor(entry, 0)), refused('changed'));
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
