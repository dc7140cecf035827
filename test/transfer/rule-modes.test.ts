import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { joinAll, quiet, RulePeer, ruleFollower, until } from '../support/rule-peer.ts';
import { ruleSettings } from '../support/rule-settings.ts';

/** Two devices with the same rule. */
async function setUpSync(t: ExecutionContext) {
  const lan = new MemoryLan();
  const ana = await RulePeer.start(t, lan, 'ana', { mode: 'sync' });
  const ben = await RulePeer.start(t, lan, 'ben', { mode: 'sync' });
  const both = [ana, ben];
  return { lan, ana, ben, both };
}

test('fetch: what matches is taken as it appears, and its newer versions, and nothing else', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { match: ['*.txt', '!secret*'] });
  await ben.write('a/x.txt', 'one');
  await ben.write('secret.txt', 'no');
  await ben.write('x.pdf', 'no');
  await until(both, has('a/x.txt', 'one'));
  await ben.write('a/x.txt', 'one and two');
  await until(both, has('a/x.txt', 'one and two'));
  t.deepEqual(await ana.files(), { 'a/': '', 'a/x.txt': 'one and two' });
  t.deepEqual(await ana.discarded(), ['one']);
});

test('fetch: what vanishes there stays here, and what was deleted here stays away', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, {});
  await ben.write('x', 'one');
  await ben.write('y', 'two');
  await until(both, async () => (await has('x', 'one')()) && (await has('y', 'two')()));
  await ben.remove('x');
  await ana.remove('y');
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'one' });
});

test('fetch: a file of ours keeps its name, and the newcomer says where it is from', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, {});
  await ana.write('notes.txt', 'ours');
  await ben.write('notes.txt', 'theirs');
  await until(both, has('notes (from ben).txt', 'theirs'));
  await ben.write('notes.txt', 'theirs, newer');
  await until(both, has('notes (from ben).txt', 'theirs, newer'));
  await quiet(both);
  t.deepEqual(await ana.files(), { 'notes.txt': 'ours', 'notes (from ben).txt': 'theirs, newer' });
});

test('fetch: an edit here of what came from there becomes a conflict copy when it changes there', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, {});
  await ben.write('x', 'one');
  await until(both, has('x', 'one'));
  await ana.write('x', 'edited');
  await ben.write('x', 'one and two');
  await until(both, has('x', 'one and two'));
  await quiet(both);
  t.deepEqual(Object.values(await ana.files()).sort(), ['edited', 'one and two']);
  await ben.write('x', 'three of them');
  await until(both, has('x', 'three of them'));
  await quiet(both);
  t.is(Object.keys(await ana.files()).length, 2);
});

test('into: files go to a folder of their peer, and do not come back from there for ever', async (t) => {
  const lan = new MemoryLan();
  const ana = await RulePeer.start(t, lan, 'ana', { into: 'inbox/{peer}' });
  const ben = await RulePeer.start(t, lan, 'ben', { into: 'descargas' });
  joinAll(ana, ben);
  const both = [ana, ben];
  await ben.write('x', 'one');
  await until(both, async () => (await ana.files())['inbox/ben/x'] === 'one');
  await quiet(both);
  t.deepEqual(Object.keys(await ana.files()), ['inbox/', 'inbox/ben/', 'inbox/ben/x']);
  t.deepEqual(Object.keys(await ben.files()), ['x']);
});

test('from: only the named are followed, by name or by the beginning of their id', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { from: ['nobody'] });
  await ben.write('x', 'one');
  await quiet(both);
  t.deepEqual(await ana.files(), {});
  ana.runner.configure([ruleSettings({ from: [ben.peer.device.slice(0, 7)] })]);
  await until(both, has('x', 'one'));
  t.pass();
});

test('mirror: deletions too, into the trash; what was never there stays', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  await ana.write('own', 'ours');
  await ben.write('x', 'one');
  await until(both, has('x', 'one'));
  await ben.remove('x');
  await until(both, async () => (await ana.discarded()).length > 0);
  t.deepEqual(await ana.files(), { own: 'ours' });
  t.deepEqual(await ana.discarded(), ['one']);
});

test('mirror: an edit here becomes a conflict copy and a deletion here is undone', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  await ben.write('x', 'one');
  await ben.write('y', 'two');
  await until(both, async () => (await has('x', 'one')()) && (await has('y', 'two')()));
  await ana.write('x', 'edited');
  await ana.remove('y');
  await until(both, async () => (await has('x', 'one')()) && (await has('y', 'two')()));
  await quiet(both);
  t.deepEqual(Object.values(await ana.files()).sort(), ['edited', 'one', 'two']);
});

test('a rename there is one here, and no bytes are sent', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  await ben.write('a/x', 'one');
  await until(both, has('a/x', 'one'));
  const sent = ben.peer.network.sent.get(ana.peer.device);
  await ben.rename('a/x', 'b/y');
  await until(both, async () => (await has('b/y', 'one')()) && !(await has('a/x', 'one')()));
  t.is(ben.peer.network.sent.get(ana.peer.device), sent);
  t.deepEqual(await ana.discarded(), []);
});

test('a folder that takes long to be read under its new name is renamed as a whole', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, { mode: 'mirror' });
  const names = Array.from({ length: 30 }, (_, index) => `file ${index}`);
  await ben.makeFolder('a');
  for (const name of names) await ben.write(`a/${name}`, name);
  await until(both, async () => Object.keys(await ana.files('a/')).length === names.length);
  await quiet(both);
  const sent = ben.peer.network.sent.get(ana.peer.device);
  await ben.makeFolder('b');
  const at = (folder: string, name: string) => parseRelativePath(`${folder}/${name}`);
  for (const name of names) {
    await rename(join(ben.peer.folder, 'a', name), join(ben.peer.folder, 'b', name));
    await ben.peer.index.refresh(at('b', name));
    await ana.clock.advance(100);
  }
  // It looks for what has gone.
  await ana.clock.advance(2000);
  for (const name of names) await ben.peer.index.refresh(at('a', name));
  await ben.remove('a');
  await quiet(both);
  t.deepEqual(ana.runner.stopped(), []);
  t.deepEqual(Object.keys(await ana.files()).sort(), ['b/', ...names.map((name) => `b/${name}`)].sort());
  t.is(ben.peer.network.sent.get(ana.peer.device), sent);
  t.deepEqual(await ana.discarded(), []);
});

test('a copy is brought although its peer goes on telling of other things', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  await ben.write('x', 'one');
  await until(both, has('x', 'one'));
  const sent = ben.peer.network.sent.get(ana.peer.device);
  await ben.write('copy', 'one');
  for (let number = 0; number < 310; number += 1) {
    await ben.write('other', '');
    await ana.clock.advance(100);
  }
  await until([], has('copy', 'one'));
  t.is(ben.peer.network.sent.get(ana.peer.device), sent);
});

test('sync: new files, edits and deletions go both ways', async (t) => {
  const { ana, ben, both } = await setUpSync(t);
  joinAll(ana, ben);
  const isAt = (one: RulePeer, path: string, text?: string) => async () => (await one.files())[path] === text;
  await ana.write('x', 'one');
  await until(both, isAt(ben, 'x', 'one'));
  await ben.write('x', 'one, edited');
  await until(both, isAt(ana, 'x', 'one, edited'));
  await ana.remove('x');
  await until(both, isAt(ben, 'x', undefined));
  t.deepEqual(await ben.discarded(), ['one, edited']);
});

test('sync: of two edits one becomes a copy, of the same name on both devices', async (t) => {
  const { ana, ben, both } = await setUpSync(t);
  await ana.write('x.txt', 'from ana');
  await ben.write('x.txt', 'from ben');
  joinAll(ana, ben);
  await quiet(both);
  const files = await ana.files();
  t.deepEqual(await ben.files(), files);
  t.deepEqual(Object.values(files).sort(), ['from ana', 'from ben']);
  t.regex(
    Object.keys(files).join('\n'),
    /^x \(conflict [A-Z2-7]{7} \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\)\.txt$/m,
  );
  t.is(ana.conflicts.list().length, 1);
});

test('sync: a conflict is settled once for all', async (t) => {
  const { ana, ben, both } = await setUpSync(t);
  await ana.write('x.txt', 'from ana');
  await ben.write('x.txt', 'from ben');
  joinAll(ana, ben);
  await quiet(both);
  const theirs = 'from ben';
  await ana.conflicts.resolve('x.txt', 'theirs');
  await quiet(both);
  t.deepEqual(await ana.files(), { 'x.txt': theirs });
  t.deepEqual(await ben.files(), { 'x.txt': theirs });
  t.is((await ana.discarded()).length, 1);
  await t.throwsAsync(ana.conflicts.resolve('x.txt', 'ours'), { message: /NOT_FOUND/ });
});

test('sync: the same content on both sides is no conflict', async (t) => {
  const { ana, ben, both } = await setUpSync(t);
  await ana.write('x', 'same');
  await ben.write('x', 'same');
  joinAll(ana, ben);
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'same' });
  t.deepEqual(await ben.files(), { x: 'same' });
  await ana.remove('x');
  await quiet(both);
  t.deepEqual(await ben.files(), {});
});

test('sync: an edit is worth more than a deletion', async (t) => {
  const { ana, ben, both } = await setUpSync(t);
  await ana.write('x', 'one');
  ben.peer.catalogue.announce(ana.peer.device, 'ana', ana.peer.index.after(0, 10));
  ana.peer.lan.connectAll();
  await until(both, async () => (await ben.files())['x'] === 'one');
  await ana.remove('x');
  await ben.write('x', 'edited');
  joinAll(ana, ben);
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'edited' });
  t.deepEqual(await ben.files(), { x: 'edited' });
});

test('sync: folders come and go, those with something of ours in them stay', async (t) => {
  const { ana, ben, both } = await setUpSync(t);
  joinAll(ana, ben);
  await ana.makeFolder('empty');
  await ana.makeFolder('full');
  await until(both, async () => Object.keys(await ben.files()).length === 2);
  ben.runner.configure([ruleSettings({ mode: 'mirror' })]);
  ana.runner.configure([]);
  await ben.write('full/own', 'ours');
  await ana.remove('empty');
  await ana.remove('full');
  await quiet(both);
  t.deepEqual(await ben.files(), { 'full/': '', 'full/own': 'ours' });
});

test('sync: a folder goes once what is in it has gone, though no index knows of that', async (t) => {
  const { ana, ben, both } = await setUpSync(t);
  joinAll(ana, ben);
  await ana.makeFolder('folder');
  await until(both, async () => 'folder/' in (await ben.files()));
  const unknown = join(ben.peer.folder, 'folder/unknown');
  await writeFile(unknown, 'in no index');
  await ana.remove('folder');
  await quiet(both);
  t.deepEqual(await ben.files(), { 'folder/': '', 'folder/unknown': 'in no index' });
  await rm(unknown);
  await until(both, () => !existsSync(join(ben.peer.folder, 'folder')));
  t.pass();
});

test('sync: a file gives way to a folder that has something in it', async (t) => {
  const { ana, ben, both } = await setUpSync(t);
  await ana.write('x', 'file');
  await ben.makeFolder('x');
  await ben.write('x/y', 'inside');
  joinAll(ana, ben);
  await quiet(both);
  const files = await ana.files();
  t.is(files['x/y'], 'inside');
  t.deepEqual(Object.values(files).sort(), ['', 'file', 'inside']);
  t.deepEqual(await ben.files(), files);
});
