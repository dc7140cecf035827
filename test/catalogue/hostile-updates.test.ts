import test from 'ava';
import fc from 'fast-check';
import { catalogueNode } from '../support/catalogue-node.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLink, FakeNetwork } from '../support/fake-network.ts';

test('whatever updates a peer sends, what is known of it is what was told up to its sequence', async (t) => {
  // What the codec lets in: sequences that ascend between `after` and `until`.
  const update = fc
    .record({
      indexId: fc.constantFrom('aa', 'aa', 'bb'),
      bounds: fc.tuple(fc.nat(12), fc.nat(12)),
      sequences: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }),
    })
    .map(({ indexId, bounds, sequences }) => {
      const [after, until] = [Math.min(...bounds), Math.max(...bounds)];
      const within = sequences.filter((at) => at > after && at <= until).sort((a, b) => a - b);
      return { indexId, after, until, sequences: within };
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
