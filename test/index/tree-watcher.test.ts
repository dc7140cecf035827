import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { TreeWatcher } from '../../src/index/tree-watcher.ts';

const ROOT = join('/', 'shared');
const at = (...names: string[]) => join(ROOT, ...names);

/** A system that watches nothing, and tells what the test says. */
function fakeSystem() {
  const open = new Map<string, { recursive: boolean; tell: (event: string, name: string | null) => void }>();
  const watchers = new Map<string, EventEmitter>();
  const watcher = new TreeWatcher(ROOT, (path, { recursive }, tell) => {
    if (path.endsWith('refused')) throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
    open.set(path, { recursive, tell });
    const handle = Object.assign(new EventEmitter(), { close: () => void open.delete(path) });
    watchers.set(path, handle);
    return handle;
  });
  const told: unknown[] = [];
  watcher.events.on('touched', (...event) => told.push(event));
  watcher.events.on('failed', (...event) => told.push(event));
  return { watcher, open, watchers, told: () => told.splice(0) };
}

test('only the shared folder and those directly in it are held open', (t) => {
  const { watcher, open } = fakeSystem();
  for (const folder of [ROOT, at('a'), at('a', 'b'), at('a', 'b', 'c'), at('d')]) watcher.watch(folder);
  const held = [...open].map(([path, { recursive }]) => [path, recursive]);
  t.deepEqual(held, [
    [ROOT, false],
    [at('a'), true],
    [at('d'), true],
  ]);
  watcher.unwatch(at('a', 'b'));
  t.is(open.size, 3);
  watcher.unwatch(at('a'));
  t.deepEqual([...open.keys()], [ROOT, at('d')]);
  watcher.watch(at('a'));
  t.true(open.has(at('a')));
  void watcher.close();
  t.is(open.size, 0);
});

test('what happens further down is told as of the folder that it happens in, once that is watched', (t) => {
  const { watcher, open, told } = fakeSystem();
  for (const folder of [ROOT, at('a')]) watcher.watch(folder);
  const below = join('b', 'file');
  open.get(at('a'))!.tell('rename', 'b');
  open.get(at('a'))!.tell('rename', below);
  watcher.watch(at('a', 'b'));
  open.get(at('a'))!.tell('change', below);
  open.get(ROOT)!.tell('change', 'a');
  t.deepEqual(told(), [
    [at('a'), 'b', 'arrived'],
    [at('a', 'b'), 'file', 'written'],
    [ROOT, 'a', 'written'],
  ]);
  open.get(at('a'))!.tell('change', null);
  t.deepEqual(told(), [[at('a'), undefined, 'written']]);
});

test('a folder whose watch has failed, or was refused, is watched when that is asked for again', (t) => {
  const { watcher, open, watchers, told } = fakeSystem();
  for (const folder of [ROOT, at('a'), at('refused')]) watcher.watch(folder);
  t.deepEqual(told(), [[at('refused'), 'EPERM']]);
  watchers.get(at('a'))!.emit('error', Object.assign(new Error('EPERM'), { code: 'EPERM' }));
  t.deepEqual(told(), [[at('a'), 'EPERM']]);
  t.deepEqual([...open.keys()], [ROOT]);
  watcher.watch(at('a'));
  t.true(open.has(at('a')));
});
