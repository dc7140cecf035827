import test from 'ava';
import { BoundedSet } from '../../src/transport/bounded-set.ts';

test('a bounded set remembers its latest members', (t) => {
  const set = new BoundedSet<string>(2);
  t.deepEqual(
    ['a', 'b', 'a', 'c'].map((member) => set.add(member)),
    [true, true, false, true],
  );
  t.deepEqual(
    ['a', 'b', 'c'].map((member) => set.has(member)),
    [true, false, true],
  );
});
