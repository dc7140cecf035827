import test from 'ava';
import { GroupCommit } from '../../src/transfer/group-commit.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what arrives while three batches are committed goes with the next, and each gets its own result', async (t) => {
  const batches: number[][] = [];
  const ends: (() => void)[] = [];
  const commit = new GroupCommit<number, string>(async (batch) => {
    batches.push([...batch]);
    await new Promise<void>((resolve) => ends.push(resolve));
    return batch.map((item) =>
      item < 0
        ? { status: 'rejected', reason: new Error(String(item)) }
        : { status: 'fulfilled', value: `done ${item}` },
    );
  });
  const added: Promise<string>[] = [];
  const add = async (...items: number[]) => {
    for (const item of items) added.push(commit.add(item));
    await turn();
  };
  await add(1, 2);
  await add(3);
  await add(4, -5);
  await add(6);
  await add(7, 8);
  t.deepEqual(batches, [[1, 2], [3], [4, -5]]);
  ends[1]!();
  await turn();
  t.deepEqual(batches.slice(3), [[6, 7, 8]]);
  t.is(await added[2], 'done 3');
  for (const end of ends) end();
  await turn();
  const results = await Promise.allSettled(added);
  t.deepEqual(
    results.map((result) =>
      result.status === 'fulfilled' ? result.value : (result.reason as Error).message,
    ),
    ['done 1', 'done 2', 'done 3', 'done 4', '-5', 'done 6', 'done 7', 'done 8'],
  );
});

test('a commit that fails fails for all of its batch, and for no other', async (t) => {
  const commit = new GroupCommit<number, number>((batch) =>
    batch.includes(1)
      ? Promise.reject(new Error('the disk'))
      : Promise.resolve(batch.map((value) => ({ status: 'fulfilled', value }))),
  );
  const first = Promise.allSettled([commit.add(1), commit.add(2)]);
  t.deepEqual(
    (await first).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  t.is(await commit.add(3), 3);
});
