import test from 'ava';
import { HeldPaths } from '../../src/index/held-paths.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';

const [a, b] = [parseRelativePath('a'), parseRelativePath('b')];

test('what happened to a held path comes back with the last release, unless its facts were taken since', (t) => {
  const released: string[] = [];
  const held = new HeldPaths((path) => released.push(path));
  t.false(held.keep(a));
  const [first, second] = [held.hold([a, a, b]), held.hold([a])];
  t.true(held.keep(a));
  t.true(held.keep(b));
  held.forget(b);
  first();
  first();
  t.deepEqual(released, []);
  t.false(held.keep(b));
  t.true(held.keep(a));
  second();
  t.deepEqual(released, ['a']);
  t.false(held.keep(a));
});
