import test from 'ava';
import { StartInOrder } from '../../src/agent/start-in-order.ts';

function part(name: string, said: string[], fails: 'start' | 'stop' | 'never' = 'never') {
  const act = (what: 'start' | 'stop') => async () => {
    said.push(`${what} ${name}`);
    if (fails === what) throw new Error(`${name} cannot ${what}`);
  };
  return { start: act('start'), stop: act('stop') };
}

test('parts start in order and stop in reverse, once', async (t) => {
  const said: string[] = [];
  const all = new StartInOrder([part('a', said), part('b', said)]);
  await all.start();
  await all.start();
  await all.stop();
  await all.stop();
  t.deepEqual(said, ['start a', 'start b', 'stop b', 'stop a']);
});

test('a part that cannot start stops what was begun', async (t) => {
  const said: string[] = [];
  const all = new StartInOrder([part('a', said), part('b', said, 'start'), part('c', said)]);
  await t.throwsAsync(all.start(), { message: 'b cannot start' });
  t.deepEqual(said, ['start a', 'start b', 'stop b', 'stop a']);
});

test('a part that cannot stop keeps no other from stopping', async (t) => {
  const said: string[] = [];
  const all = new StartInOrder([part('a', said), part('b', said, 'stop')]);
  await all.start();
  await t.throwsAsync(all.stop(), { message: 'b cannot stop' });
  t.deepEqual(said.slice(2), ['stop b', 'stop a']);
});
