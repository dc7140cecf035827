import test from 'ava';
import fc from 'fast-check';
import { catalogueNode } from '../support/catalogue-node.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLink, FakeNetwork } from '../support/fake-network.ts';

for (const [what, update] of [
  ['ends before it begins', { after: 5, until: 4, entries: [] }],
  [
    'repeats a sequence',
    { after: 0, until: 9, entries: [fileEntry('a', { sequence: 2 }), fileEntry('b', { sequence: 2 })] },
  ],
  [
    'goes back',
    { after: 0, until: 9, entries: [fileEntry('a', { sequence: 3 }), fileEntry('b', { sequence: 2 })] },
  ],
  ['begins too early', { after: 3, until: 9, entries: [fileEntry('a', { sequence: 3 })] }],
  ['goes beyond its end', { after: 0, until: 1, entries: [fileEntry('a', { sequence: 2 })] }],
] as const) {
  test(`a peer whose update ${what} is disconnected and changes nothing`, async (t) => {
    const clock = new FakeClock();
    const node = await catalogueNode('us', clock);
    t.teardown(() => node.stop());
    const link = new FakeLink(node.network, new FakeNetwork(deviceNamed('hostile'), 'hostile'));
    link.right.send({ type: 'index-update', indexId: 'aa', ...update });
    await clock.advance(0);
    t.is(link.left.closed, 'protocol-error');
    t.is([...node.catalogue.entries()].length, 0);
    t.is(node.catalogue.totals(deviceNamed('hostile')).sequence, 0);
  });
}

test('whatever updates a peer sends, its index is what a fresh reading of them says or it is disconnected', async (t) => {
  const sequence = fc.integer({ min: 0, max: 12 });
  const update = fc.record({
    indexId: fc.constantFrom('aa', 'aa', 'bb'),
    after: sequence,
    until: sequence,
    sequences: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }),
  });
  const clock = new FakeClock();
  const node = await catalogueNode('us', clock);
  t.teardown(() => node.stop());
  const device = deviceNamed('hostile');
  fc.assert(
    fc.property(fc.array(update, { maxLength: 6 }), (messages) => {
      const link = new FakeLink(node.network, new FakeNetwork(device, 'hostile'), { flowing: false });
      for (const { sequences, ...rest } of messages) {
        const entries = sequences.map((at) => fileEntry(`${at % 5}`, { sequence: at }));
        link.right.send({ type: 'index-update', ...rest, entries });
        link.deliver(link.right, Infinity);
        const { entries: count, sequence: highest } = node.catalogue.totals(device);
        const stored = [...node.catalogue.entries(device)];
        t.is(stored.length, count);
        t.true(stored.every(({ entry }) => entry.sequence <= highest));
      }
      link.end();
    }),
    { numRuns: 10_000 },
  );
});
