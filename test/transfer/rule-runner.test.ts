import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { DownloadView } from '../../src/transfer/download.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { joinAll, quiet, RulePeer, ruleFollower, until } from '../support/rule-peer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('the brake stops a rule that would delete too much, until a person agrees', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, { mode: 'mirror' });
  const names = Array.from({ length: 60 }, (_, index) => `file ${index}`);
  for (const name of names) await ben.write(name, name);
  await until(both, async () => Object.keys(await ana.files()).length === 60);
  for (const name of names.slice(0, 30)) await ben.remove(name);
  await until(both, () => ana.runner.stopped().length > 0);
  await quiet(both);
  t.is(Object.keys(await ana.files()).length, 60);
  t.like(ana.runner.stopped()[0], { rule: '**', count: 30 });
  t.is(ana.documents.all().size, 1);
  const tests = await ana.runner.test();
  t.is(tests.filter(({ why }) => why === 'why.rule-stopped').length, 30);
  await ana.runner.release();
  await until(both, async () => Object.keys(await ana.files()).length === 30);
  t.is((await ana.discarded()).length, 30);
  t.is(ana.documents.all().size, 0);
});

test('what a person has agreed to is what was about to be deleted, not what is deleted later', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, { mode: 'mirror' });
  const names = Array.from({ length: 30 }, (_, index) => `file ${index}`);
  const count = async () => Object.keys(await ana.files()).length;
  for (const name of names) await ben.write(name, name);
  await until(both, async () => (await count()) === names.length);
  for (const name of names) await ben.remove(name);
  await until(both, () => ana.runner.stopped().length > 0);
  await ana.runner.release();
  // All are back before the first is deleted.
  for (const name of names) await ben.write(name, name);
  await quiet(both);
  t.is(await count(), names.length);
  for (const name of names) await ben.remove(name);
  await quiet(both);
  t.like(ana.runner.stopped(), [{ count: names.length }]);
  t.is(await count(), names.length);
});

test('the brake lets a few pass, and stops a rule that would replace too much', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, { mode: 'sync' });
  const names = Array.from({ length: 30 }, (_, index) => `file ${index}`);
  for (const name of names) await ben.write(name, name);
  await until(both, async () => Object.keys(await ana.files()).length === 30);
  for (const name of names.slice(0, 20)) await ben.write(name, `${name}, encrypted`);
  await quiet(both);
  t.is((await ana.discarded()).length, 20);
  for (const name of names.slice(20)) await ben.write(name, `${name}, encrypted`);
  await quiet(both);
  t.is((await ana.discarded()).length, 20);
  t.is(ana.runner.stopped().length, 1);
});

test('the brake does not count copies of what stays, and folders that are empty', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, { mode: 'mirror' });
  const names = Array.from({ length: 30 }, (_, index) => `file ${index}`);
  for (const name of names) await ben.write(name, name);
  for (const name of names) await ben.write(`copies/${name}`, name);
  for (const name of names) await ben.makeFolder(`folders/${name}`);
  const count = async () => Object.keys(await ana.files()).length;
  await until(both, async () => (await count()) === 3 * names.length + 2);
  await quiet(both);
  for (const name of names) await ben.remove(`copies/${name}`);
  for (const name of names) await ben.remove(`folders/${name}`);
  await quiet(both);
  t.deepEqual(ana.runner.stopped(), []);
  t.is(await count(), names.length + 2);
  for (const name of names) await ben.remove(name);
  await quiet(both);
  t.is(ana.runner.stopped().length, 1);
});

test('a test of the rules says what they would do, and does nothing', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  await ben.write('old', 'old');
  await ben.write('gone', 'gone');
  await until(both, async () => (await has('old', 'old')()) && (await has('gone', 'gone')()));
  await ana.runner.stop();
  await ben.write('old', 'newer');
  await ben.remove('gone');
  await ben.write('new', 'new');
  const before = await ana.files();
  const tests = await ana.runner.test();
  t.deepEqual(tests.map(({ path, action, why }) => [path as string, action, why]).sort(), [
    ['gone', 'delete', 'why.deleted'],
    ['new', 'fetch', 'why.new'],
    ['old', 'replace', 'why.newer'],
  ]);
  t.deepEqual(await ana.files(), before);
});

test('a test of the rules says what is in the way here', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, {});
  const tests = async () => {
    const all = await ana.runner.test();
    return all.map(({ path, action, why }) => [path as string, action, why]).sort();
  };
  await ana.write('f', 'ours');
  await ben.makeFolder('f');
  await ben.write('f/1', 'one');
  await ben.makeFolder('g');
  await ben.write('g/2', 'two');
  await until(both, has('g/2', 'two'));
  await ben.remove('g/2');
  await ben.remove('g');
  await ben.write('g', 'a file now');
  await quiet(both);
  t.deepEqual(await ana.files(), { f: 'ours', 'g/': '', 'g/2': 'two' });
  t.deepEqual(await tests(), [
    ['f', 'none', 'why.file-in-the-way'],
    ['f/1', 'none', 'why.file-in-the-way'],
    ['g', 'none', 'why.folder-in-the-way'],
    ['g/2', 'none', 'why.deleted-there'],
  ]);
  await ana.remove('f');
  await ana.remove('g/2');
  await quiet(both);
  t.deepEqual(await ana.files(), { 'f/': '', 'f/1': 'one', g: 'a file now' });
  t.deepEqual(await tests(), []);
});

test('a test of the rules says what has failed, and what a person has cancelled', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, {});
  const { downloads } = ana.peer;
  await symlink(await temporaryFolder(t), join(ana.peer.folder, 'failing'));
  await ben.write('failing/x', 'one');
  await until(both, () => downloads.list().some(({ state }) => state === 'failed'));
  ben.peer.network.tampering = () => new Promise(() => undefined);
  await ben.write('cancelled', 'two');
  await until(both, () => downloads.active === 1);
  await downloads.cancel([]);
  await quiet(both);
  const tests = await ana.runner.test();
  t.deepEqual(tests.map(({ path, action, why }) => [path as string, action, why]).sort(), [
    ['cancelled', 'none', 'why.cancelled'],
    ['failing/x', 'none', 'why.failed'],
  ]);
  await ben.write('cancelled', 'another');
  ben.peer.network.tampering = (_, answer) => answer();
  await quiet(both);
  t.deepEqual((await ana.files())['cancelled'], 'another');
});

test('nothing happens before the folder has been scanned, and everything after', async (t) => {
  const lan = new MemoryLan();
  const ana = await RulePeer.start(t, lan, 'ana', {});
  const ben = await RulePeer.start(t, lan, 'ben');
  ana.isReady = false;
  await ben.write('x', 'one');
  joinAll(ana, ben);
  await quiet([ana, ben]);
  t.deepEqual(await ana.files(), {});
  ana.isReady = true;
  ana.peer.index.events.emit('ready');
  await until([ana, ben], async () => (await ana.files())['x'] === 'one');
  t.pass();
});

test('while the shared folder is missing nothing is done, and afterwards everything', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  await ben.write('x', 'one');
  await until(both, has('x', 'one'));
  ana.peer.index.events.emit('problem', [new CompartidosError('FOLDER_MISSING', { folder: 'gone' })]);
  await ben.remove('x');
  await ben.write('y', 'two');
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'one' });
  ana.peer.index.events.emit('problem', []);
  await until(both, has('y', 'two'));
  await quiet(both);
  t.deepEqual(await ana.files(), { y: 'two' });
});

test('an edit that nobody has seen yet is not deleted with what it was made from', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  await ben.write('x', 'one');
  await until(both, has('x', 'one'));
  await writeFile(join(ana.peer.folder, 'x'), 'edited, and no scan has come by');
  await ben.remove('x');
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'edited, and no scan has come by' });
  t.deepEqual(await ana.discarded(), []);
});

test('what something of ours was in the way of is fetched once that has gone, or a person asks for it', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  const obstacle = join(ana.peer.folder, 'm');
  await symlink(await temporaryFolder(t), obstacle);
  await ben.write('m/1', 'one');
  await ben.write('m/2', 'two');
  const failed = () => ana.peer.downloads.list().filter(({ state }) => state === 'failed').length;
  await until(both, () => failed() === 2);
  await ana.runner.release();
  await until(both, () => failed() === 2);
  await rm(obstacle);
  await quiet(both);
  t.is(failed(), 2);
  ana.peer.index.events.emit('freed', parseRelativePath('m'));
  await until(both, has('m/1', 'one'));
  await until(both, has('m/2', 'two'));
  t.is(failed(), 0);
  await symlink(await temporaryFolder(t), join(ana.peer.folder, 'n'));
  await ben.write('n/1', 'three');
  await until(both, () => failed() === 1);
  await rm(join(ana.peer.folder, 'n'));
  await ana.runner.release();
  await until(both, has('n/1', 'three'));
  t.pass();
});

test('what was ignored is fetched once it is not any more', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, { mode: 'sync' });
  ana.ignores = (path) => path.endsWith('.log');
  await ben.write('a.log', 'one');
  await ben.write('b.txt', 'two');
  await quiet(both);
  t.deepEqual(await ana.files(), { 'b.txt': 'two' });
  ana.ignores = () => false;
  ana.peer.index.events.emit('ignoring');
  await quiet(both);
  t.deepEqual(await ana.files(), { 'a.log': 'one', 'b.txt': 'two' });
});

test('what failed, and was ignored when it was looked at again, is fetched once it is not any more', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, { mode: 'mirror' });
  const obstacle = join(ana.peer.folder, 'm');
  await symlink(await temporaryFolder(t), obstacle);
  await ben.write('m/1', 'one');
  await until(both, () => ana.peer.downloads.list().some(({ state }) => state === 'failed'));
  ana.ignores = () => true;
  ana.peer.index.events.emit('problem', []);
  await quiet(both);
  await rm(obstacle);
  ana.ignores = () => false;
  ana.peer.index.events.emit('ignoring');
  await quiet(both);
  t.deepEqual(await ana.files(), { 'm/': '', 'm/1': 'one' });
});

test('what has failed although it is still offered is fetched by and by', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, { mode: 'mirror' });
  const { downloads } = ana.peer;
  let asked = 0;
  downloads.request = (request) => {
    asked += 1;
    const { path, target } = request;
    const view: DownloadView = {
      ...{ id: 'one', path, target, state: 'failed', bytes: 0, size: 3, rate: 0, eta: null, from: [] },
      reason: 'rule',
      error: { code: 'SOURCE_CHANGED', params: { path } },
    };
    const handle = { id: view.id, state: view.state, view: () => view, finished: Promise.resolve(view) };
    queueMicrotask(() => downloads.events.emit('changed', handle));
    return handle;
  };
  await ben.write('x', 'one');
  await quiet(both);
  t.is(asked, 1, 'not at once');
  Reflect.deleteProperty(downloads, 'request');
  await ana.clock.advance(3_600_000);
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'one' });
});

test('what was asked for and is nowhere any more is given up', async (t) => {
  const { ana, ben, both } = await ruleFollower(t, { mode: 'sync' });
  ben.peer.network.tampering = () => new Promise(() => undefined);
  await ben.write('x', 'one');
  await until(both.slice(1), () => ana.peer.downloads.active === 1);
  await ben.remove('x');
  await until(both.slice(1), () => ana.peer.downloads.active === 0);
  t.is(ana.peer.downloads.list()[0]?.state, 'cancelled');
});

test('a newer version that comes while the older is on its way takes its place', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, {});
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  ben.peer.network.tampering = async (_, answer) => held.then(answer);
  await ben.write('x', 'one');
  await until(both.slice(1), () => ana.peer.downloads.active === 1);
  await ben.write('x', 'one and two');
  letGo();
  await until(both, has('x', 'one and two'));
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'one and two' });
});

test('stopping leaves no timers and no listeners behind', async (t) => {
  const { ana, ben } = await ruleFollower(t, { mode: 'mirror' });
  await ana.runner.stop();
  await ben.write('x', 'one');
  await ana.runner.stop();
  t.is(ana.clock.pending, 0);
  t.is(ana.peer.downloads.list().length, 0);
});
