import { randomBytes } from 'node:crypto';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { BLOCK } from '../support/block-size.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { incomingOf, pair, sameBytes } from '../support/transfer-checks.ts';

test('many small files are asked for with few requests', async (t) => {
  const { alice, bob } = await pair(t);
  const contents = Array.from({ length: 200 }, (_, index) => randomBytes(1 + index * 30));
  for (const [index, bytes] of contents.entries()) await alice.write(`folder/${index}`, bytes);
  alice.announceTo(bob);
  const session = bob.network.session(alice.device)!;
  const ask = session.requestBlocks.bind(session);
  const requests: number[] = [];
  session.requestBlocks = (wanted) => {
    requests.push(wanted.length);
    return ask(wanted);
  };
  const handles = contents.map((_, index) => bob.get(alice, `folder/${index}`, { reason: 'rule' }));
  for (const { finished } of handles) t.is((await finished).state, 'done');
  for (const [index, bytes] of contents.entries()) await sameBytes(t, bob, `folder/${index}`, bytes);
  t.is(
    requests.reduce((sum, blocks) => sum + blocks, 0),
    200,
  );
  t.true(requests.length <= 10, requests.join());
});

test('what cannot be put in place keeps nothing else from it', async (t) => {
  const { alice, bob } = await pair(t);
  const outside = await temporaryFolder(t);
  await symlink(outside, join(bob.folder, 'link'));
  const paths = ['link/folder/1', 'link/folder/2', 'folder/1', '2'];
  for (const path of paths) await alice.write(path, Buffer.from(path));
  alice.announceTo(bob);
  const handles = paths.map((path) => bob.get(alice, path, { reason: 'rule' }));
  const views = await Promise.all(handles.map(({ finished }) => finished));
  t.deepEqual(
    views.map(({ state, error }) => [state, error?.code, error?.params]),
    [
      ['failed', 'NAME_UNSUPPORTED', { path: 'link', reason: 'not-a-folder' }],
      ['failed', 'NAME_UNSUPPORTED', { path: 'link', reason: 'not-a-folder' }],
      ['done', undefined, undefined],
      ['done', undefined, undefined],
    ],
  );
  t.deepEqual(await readdir(outside), []);
});

test('a file of two blocks is put together in memory, and only what has changed of it is fetched', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = randomBytes(2 * BLOCK - 99);
  await alice.write('file', bytes);
  alice.announceTo(bob);
  const incoming: string[][] = [];
  alice.network.tampering = async (_, answer) => {
    incoming.push(await incomingOf(bob));
    return answer();
  };
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  await sameBytes(t, bob, 'file', bytes);
  t.is(alice.network.sent.get(bob.device), 2);

  const edited = Buffer.concat([bytes.subarray(0, BLOCK + 5), Buffer.from('new'), bytes.subarray(BLOCK + 5)]);
  await alice.write('file', edited);
  alice.announceTo(bob);
  alice.network.sent.clear();
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  await sameBytes(t, bob, 'file', edited);
  t.is(alice.network.sent.get(bob.device), 1);
  t.deepEqual(incoming, [[], [], []]);
});
