import test from 'ava';
import { DownloadLanes } from '../../src/transfer/download-lanes.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Large files of several peers in lanes with these limits; `running` says who has a place. */
function lanes(downloads: number, downloadsPerPeer: number) {
  const subject = new DownloadLanes({ downloads, downloadsPerPeer });
  const ends = new Map<string, () => void>();
  const enter = (peer: string, name: string) =>
    subject.enter({
      ...{ isSmall: false, bytes: 0, peer, priority: 0 },
      run: async () => {
        await new Promise<void>((resolve) => ends.set(name, resolve));
        ends.delete(name);
      },
    });
  const running = async () => {
    await turn();
    return [...ends.keys()];
  };
  return { subject, enter, running, end: (name: string) => ends.get(name)!() };
}

test('so many are at work, in all and for one peer, and others wait for their places', async (t) => {
  const { enter, running, end } = lanes(3, 2);
  for (const name of ['a1', 'a2', 'a3']) enter('a', name);
  for (const name of ['b1', 'b2']) enter('b', name);
  t.deepEqual(await running(), ['a1', 'a2', 'b1']);
  end('b1');
  t.deepEqual(await running(), ['a1', 'a2', 'b2']);
  end('a1');
  t.deepEqual(await running(), ['a2', 'b2', 'a3']);
});

test('changed limits count for those who wait, of peers that are at work, too', async (t) => {
  const { subject, enter, running } = lanes(1, 1);
  for (const name of ['a1', 'a2']) enter('a', name);
  enter('b', 'b1');
  t.deepEqual(await running(), ['a1']);
  subject.configure({ downloads: 3, downloadsPerPeer: 1 });
  t.deepEqual(await running(), ['a1', 'b1']);
  subject.configure({ downloads: 3, downloadsPerPeer: 2 });
  t.deepEqual(await running(), ['a1', 'b1', 'a2']);
  for (const name of ['c1', 'c2']) enter('c', name);
  subject.configure({ downloads: 5, downloadsPerPeer: 2 });
  t.deepEqual((await running()).slice(3), ['c1', 'c2']);
});

test('those who wait can be forgotten', async (t) => {
  const { subject, enter, running, end } = lanes(1, 1);
  enter('a', 'a1');
  enter('a', 'a2');
  enter('b', 'b1');
  await running();
  subject.clear();
  end('a1');
  t.deepEqual(await running(), []);
});
