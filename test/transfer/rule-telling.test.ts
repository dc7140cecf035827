import test from 'ava';
import type { ExecutionContext } from 'ava';
import { Rule } from '../../src/sync/rule.ts';
import { RuleTelling } from '../../src/transfer/rule-telling.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeLink, FakeNetwork, type LinkOptions } from '../support/fake-network.ts';
import { ruleSettings } from '../support/rule-settings.ts';

const sync = ruleSettings({ mode: 'sync', match: ['docs/**', '!*.tmp'] });
const same = ruleSettings({
  mode: 'sync',
  match: ['!*.tmp', 'docs/**', 'docs/**'],
  maxSize: 10,
  priority: 3,
});

async function device(t: ExecutionContext, name: string, ...rules: (typeof sync)[]) {
  const network = new FakeNetwork(deviceNamed(name), name);
  const telling = new RuleTelling(network, rules);
  await telling.start();
  t.teardown(() => telling.stop());
  const changes: string[] = [];
  telling.events.on('changed', (from) => changes.push(from));
  return { network, telling, changes, id: deviceNamed(name) };
}

type Device = Awaited<ReturnType<typeof device>>;

function meet(one: Device, other: Device, options: LinkOptions = {}): FakeLink {
  const link = new FakeLink(one.network, other.network, { ...options, flowing: false });
  deliver(link);
  return link;
}

function deliver(link: FakeLink): void {
  for (const end of [link.left, link.right]) link.deliver(end, Infinity);
}

test('who has the same patterns syncs by the same rule, whatever else it says', async (t) => {
  const ana = await device(t, 'ana', sync);
  const ben = await device(t, 'ben', same);
  meet(ana, ben);
  t.true(ana.telling.syncs(ben.id, new Rule(sync)));
  t.true(ben.telling.syncs(ana.id, new Rule(sync)));
  t.deepEqual(ana.changes, [ben.id]);
});

for (const [what, other] of Object.entries({
  'no rule': [],
  'a rule of another mode': [ruleSettings({ mode: 'mirror', match: sync.match })],
  'other patterns': [ruleSettings({ mode: 'sync', match: ['docs/**'] })],
  'a rule that keeps it elsewhere': [ruleSettings({ mode: 'sync', match: sync.match, into: 'd' })],
})) {
  test(`who has ${what} does not`, async (t) => {
    const ana = await device(t, 'ana', sync);
    const ben = await device(t, 'ben', ...other);
    meet(ana, ben);
    t.false(ana.telling.syncs(ben.id, new Rule(sync)));
  });
}

test('changed rules are told at once, and hold while the device is away', async (t) => {
  const ana = await device(t, 'ana', sync);
  const ben = await device(t, 'ben');
  const link = meet(ana, ben);
  ben.telling.configure([sync]);
  deliver(link);
  t.deepEqual(ana.changes, [ben.id]);
  ben.telling.configure([sync]);
  deliver(link);
  link.end();
  t.true(ana.telling.syncs(ben.id, new Rule(sync)));
  t.deepEqual(ana.changes, [ben.id]);
  ben.telling.configure([]);
  meet(ana, ben);
  t.false(ana.telling.syncs(ben.id, new Rule(sync)));
  t.deepEqual(ana.changes, [ben.id, ben.id]);
});

test('nothing is told to who does not understand it', async (t) => {
  const ana = await device(t, 'ana', sync);
  const old = await device(t, 'old', sync);
  const link = meet(ana, old, { features: [] });
  t.deepEqual([...link.left.sent, ...link.right.sent], []);
  t.false(ana.telling.syncs(old.id, new Rule(sync)));
});
