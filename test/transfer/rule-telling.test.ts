import test from 'ava';
import type { ExecutionContext } from 'ava';
import { Rule } from '../../src/sync/rule.ts';
import { REST_MS, RuleTelling } from '../../src/transfer/rule-telling.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLink, FakeNetwork, type LinkOptions } from '../support/fake-network.ts';
import { ruleSettings } from '../support/rule-settings.ts';

const sync = ruleSettings({ mode: 'sync', match: ['docs/**', '!*.tmp'] });
const same = ruleSettings({
  ...{ mode: 'sync', maxSize: 10, priority: 3, into: 'elsewhere' },
  match: ['!*.TMP', 'Docs/**', './docs/**'],
});

async function device(t: ExecutionContext, name: string, ...rules: (typeof sync)[]) {
  const network = new FakeNetwork(deviceNamed(name), name);
  const clock = new FakeClock();
  const telling = new RuleTelling({ network, clock, rules });
  await telling.start();
  t.teardown(() => telling.stop());
  const changes: string[] = [];
  telling.events.on('changed', (from) => changes.push(from));
  return { network, telling, changes, clock, id: deviceNamed(name) };
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
  await ana.clock.advance(REST_MS);
  ben.telling.configure([]);
  meet(ana, ben);
  t.false(ana.telling.syncs(ben.id, new Rule(sync)));
  t.deepEqual(ana.changes, [ben.id, ben.id]);
});

test('of rules that change again and again it is said now and then, and how they are in the end', async (t) => {
  const ana = await device(t, 'ana', sync);
  const ben = await device(t, 'ben');
  const link = meet(ana, ben);
  for (let time = 0; time < 101; time += 1) {
    ben.telling.configure(time % 2 === 0 ? [sync] : []);
    deliver(link);
  }
  t.deepEqual(ana.changes, [ben.id]);
  t.true(ana.telling.syncs(ben.id, new Rule(sync)));
  await ana.clock.advance(REST_MS);
  t.deepEqual(ana.changes, [ben.id, ben.id]);
  await ana.clock.advance(REST_MS);
  t.deepEqual(ana.changes, [ben.id, ben.id]);
  await ana.telling.stop();
  t.is(ana.clock.pending, 0);
});

test('whoever comes and goes does not push out those who are here', async (t) => {
  const ana = await device(t, 'ana', sync);
  const ben = await device(t, 'ben', sync);
  meet(ana, ben);
  for (let count = 0; count < 1100; count += 1) {
    const name = `passer-by ${count}`;
    const passing = new FakeNetwork(deviceNamed(name), name);
    new FakeLink(ana.network, passing, { flowing: false }).end();
  }
  t.true(ana.telling.syncs(ben.id, new Rule(sync)));
});
