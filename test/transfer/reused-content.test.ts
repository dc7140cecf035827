import { randomBytes } from 'node:crypto';
import test from 'ava';
import { BLOCK } from '../support/block-size.ts';
import { changed, noise } from '../support/edited-bytes.ts';
import { pair, sameBytes } from '../support/transfer-checks.ts';

const MIB = 1024 * 1024;

test('what is here already is not sent', async (t) => {
  const { alice, bob } = await pair(t);
  const bytes = randomBytes(4 * MIB);
  await bob.write('mine/copy', bytes);
  await alice.write('theirs', bytes);
  const changed = Buffer.from(bytes);
  changed.fill(0, MIB, MIB + 10);
  await alice.write('changed', changed);
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'theirs').finished).state, 'done');
  t.is(alice.network.sent.get(bob.device), undefined);
  t.is((await bob.get(alice, 'changed').finished).state, 'done');
  t.is(alice.network.sent.get(bob.device), 1);
  await sameBytes(t, bob, 'changed', changed);
});

test('what an insertion has moved is not sent', async (t) => {
  const { alice, bob } = await pair(t);
  const old = randomBytes(4 * MIB + 1000);
  for (const name of ['grown', 'shrunk']) {
    await alice.write(name, old);
    alice.announceTo(bob);
    t.is((await bob.get(alice, name).finished).state, 'done');
  }
  alice.network.sent.clear();
  const at = MIB + 123;
  const grown = Buffer.concat([old.subarray(0, at), randomBytes(50_000), old.subarray(at)]);
  await alice.write('grown', grown);
  const shrunk = Buffer.concat([old.subarray(0, at), old.subarray(at + 50_000)]);
  await alice.write('shrunk', shrunk);
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'grown').finished).state, 'done');
  await sameBytes(t, bob, 'grown', grown);
  t.is(alice.network.sent.get(bob.device), 1);
  t.is((await bob.get(alice, 'shrunk').finished).state, 'done');
  await sameBytes(t, bob, 'shrunk', shrunk);
  t.is(alice.network.sent.get(bob.device), 2);
});

test('what several edits have moved is not sent, and another file of the same name arrives, too', async (t) => {
  const { alice, bob } = await pair(t);
  const old = noise(1, 60 * BLOCK);
  await alice.write('file', old);
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  alice.network.sent.clear();
  const edits = [1, 3, 5].map((at) => ({ at: at * 1_000_003, removed: at, inserted: 1000 }));
  const edited = changed(old, edits);
  await alice.write('file', edited);
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  await sameBytes(t, bob, 'file', edited);
  t.true(alice.network.sent.get(bob.device)! <= 2 * edits.length);
  const other = noise(2, 60 * BLOCK);
  await alice.write('file', other);
  alice.announceTo(bob);
  t.is((await bob.get(alice, 'file').finished).state, 'done');
  await sameBytes(t, bob, 'file', other);
});
