import test from 'ava';
import { SmallLane } from '../../src/transfer/small-lane.ts';

test('so many work at a time, of those who wait the highest priority first, and each in its order', async (t) => {
  const lane = new SmallLane(2, 100);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const enter = (name: string, priority: number) =>
    lane.enter(priority, 'peer', {
      bytes: 1,
      run: () => {
        begun.push(name);
        return new Promise((resolve) => ends.push(resolve));
      },
    });
  const end = async () => {
    ends.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const name of ['a', 'b', 'c', 'd']) enter(name, 0);
  enter('low', -5);
  enter('high', 7);
  enter('e', 0);
  t.deepEqual(begun, ['a', 'b']);
  for (let one = 0; one < 5; one += 1) await end();
  t.deepEqual(begun, ['a', 'b', 'high', 'c', 'd', 'e', 'low']);
});

test('thousands take their turns, each once and in order, and who waits can be forgotten', async (t) => {
  const lane = new SmallLane(3, 100);
  const begun: number[] = [];
  for (let one = 0; one < 5000; one += 1) {
    lane.enter(one % 2, 'peer', {
      bytes: 1,
      run: async () => {
        begun.push(one);
        await Promise.resolve();
        if (begun.length === 4500) lane.clear();
      },
    });
  }
  await new Promise((resolve) => setImmediate(resolve));
  const odd = begun.filter((one) => one % 2 === 1);
  const even = begun.filter((one) => one % 2 === 0);
  t.is(new Set(begun).size, begun.length);
  t.true(begun.length >= 4500 && begun.length < 4510);
  t.is(odd.length, 2500);
  t.deepEqual(
    odd,
    [...odd].sort((a, b) => a - b),
  );
  t.deepEqual(
    even,
    [...even].sort((a, b) => a - b),
  );
});

test('they work on no more bytes at a time than are allowed, unless one alone has more', async (t) => {
  const lane = new SmallLane(10, 100);
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const enter = (bytes: number) =>
    lane.enter(0, 'peer', {
      bytes,
      run: () => {
        begun.push(bytes);
        return new Promise<void>((resolve) => ends.set(bytes, resolve));
      },
    });
  const end = async (bytes: number) => {
    ends.get(bytes)!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const bytes of [60, 40, 30, 10, 500, 1]) enter(bytes);
  t.deepEqual(begun, [60, 40]);
  await end(40);
  t.deepEqual(begun, [60, 40, 30, 10]);
  await end(60);
  await end(30);
  t.deepEqual(begun, [60, 40, 30, 10]);
  await end(10);
  t.deepEqual(begun, [60, 40, 30, 10, 500]);
  await end(500);
  t.deepEqual(begun, [60, 40, 30, 10, 500, 1]);
});

/** Works that never end, and which of them have begun. */
function endless(lane: SmallLane) {
  const begun = new Map<string, number>();
  const enter = (peer: string, count: number, bytes = 1) => {
    for (let one = 0; one < count; one += 1) {
      lane.enter(0, peer, {
        bytes,
        run: () => {
          begun.set(peer, (begun.get(peer) ?? 0) + 1);
          return new Promise(() => {});
        },
      });
    }
  };
  return { begun, enter };
}

test('peers whose works never end leave room for those of others, however many they have and when they came', (t) => {
  const { begun, enter } = endless(new SmallLane(64, 1_000_000));
  for (const peer of ['one', 'two', 'three', 'four']) enter(peer, 1000);
  t.deepEqual(Object.fromEntries(begun), { one: 64, two: 32, three: 16, four: 8 });
  enter('late', 1);
  t.is(begun.get('late'), 1);
});

test('large works that never end leave room for small ones of others', (t) => {
  const { begun, enter } = endless(new SmallLane(1000, 1000));
  for (const peer of ['one', 'two', 'three']) enter(peer, 100, 100);
  t.deepEqual(Object.fromEntries(begun), { one: 10, two: 5, three: 3 });
  enter('late', 3, 100);
  t.is(begun.get('late'), 1);
});

test('of those who wait, peers take turns', async (t) => {
  const lane = new SmallLane(1, 100);
  const begun: string[] = [];
  let open = () => {};
  const isOpen = new Promise<void>((resolve) => (open = resolve));
  for (const peer of ['x', 'y']) lane.enter(9, peer, { bytes: 1, run: () => isOpen });
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) {
    lane.enter(0, name[0]!, {
      bytes: 1,
      run: async () => {
        begun.push(name);
        await Promise.resolve();
      },
    });
  }
  open();
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(begun, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});
