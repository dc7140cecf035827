import test from 'ava';
import { HeldPaths } from '../../src/index/held-paths.ts';
import { parseRelativePath, type RelativePath } from '../../src/model/relative-path.ts';

const [a, b, c] = [parseRelativePath('a'), parseRelativePath('b'), parseRelativePath('c')];

test('what happened to a held path comes back with the last release, unless its facts were taken since', async (t) => {
  const released: string[] = [];
  const held = new HeldPaths((path) => released.push(path));
  t.false(held.keep(a));
  const first = await held.hold([a, a, b]);
  const second = held.hold([a]);
  t.true(held.keep(a));
  t.true(held.keep(b));
  held.forget(b);
  first();
  first();
  t.deepEqual(released, []);
  t.false(held.keep(b));
  t.true(held.keep(a));
  (await second)();
  t.deepEqual(released, ['a']);
  t.false(held.keep(a));
});

test('a path that is only watched is anybody’s, and what happened to it comes back', async (t) => {
  const released: string[] = [];
  const held = new HeldPaths((path) => released.push(path));
  const leave = held.watch(a);
  const release = await held.hold([a]);
  const leaveAgain = held.watch(a);
  t.true(held.keep(a));
  release();
  leave();
  t.deepEqual(released, []);
  leaveAgain();
  t.deepEqual(released, ['a']);
  t.false(held.has(a));
});

test('nobody gets a path that another holds or waits for, and each gets his in turn', async (t) => {
  const held = new HeldPaths(() => {});
  const order: string[] = [];
  const hold = async (name: string, paths: readonly RelativePath[]) => {
    const release = await held.hold(paths);
    order.push(name);
    return release;
  };
  const both = await hold('a and b', [a, b]);
  const bc = hold('b and c', [b, c]);
  const onlyC = hold('c', [c]);
  const onlyA = hold('a', [a]);
  t.true(held.has(c));
  await new Promise(setImmediate);
  t.deepEqual(order, ['a and b']);
  both();
  const releases = await Promise.all([bc, onlyA]);
  t.deepEqual(order.slice(1).sort(), ['a', 'b and c']);
  for (const release of releases) release();
  (await onlyC)();
  t.deepEqual(order.at(-1), 'c');
  t.deepEqual(
    [a, b, c].map((path) => held.has(path)),
    [false, false, false],
  );
});
