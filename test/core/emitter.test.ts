import test from 'ava';
import { Emitter } from '../../src/core/emitter.ts';

test('listeners are called in order until they are removed', (t) => {
  const emitter = new Emitter<{ tick: [count: number] }>();
  const seen: string[] = [];
  const removeFirst = emitter.on('tick', (count) => seen.push(`first ${count}`));
  emitter.once('tick', (count) => seen.push(`once ${count}`));
  emitter.emit('tick', 1);
  removeFirst();
  emitter.emit('tick', 2);
  t.deepEqual(seen, ['first 1', 'once 1']);
});

test('a listener added while an event is emitted waits for the next', (t) => {
  const emitter = new Emitter<{ tick: [] }>();
  let late = 0;
  emitter.once('tick', () => emitter.on('tick', () => (late += 1)));
  emitter.emit('tick');
  t.is(late, 0);
  emitter.emit('tick');
  t.is(late, 1);
});

test('it says whether anybody listens', (t) => {
  const emitter = new Emitter<{ tick: []; tock: [] }>();
  t.false(emitter.has('tick'));
  const remove = emitter.on('tick', () => undefined);
  t.true(emitter.has('tick'));
  t.false(emitter.has('tock'));
  remove();
  t.false(emitter.has('tick'));
});
