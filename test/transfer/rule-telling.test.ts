import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { RuleSettings } from '../../src/config/settings.ts';
import { Emitter } from '../../src/core/emitter.ts';
import { Rule } from '../../src/sync/rule.ts';
import { syncKey } from '../../src/sync/sync-key.ts';
import type { OwnSyncRulesEvents } from '../../src/transfer/own-sync-rules.ts';
import { REST_MS, RuleTelling } from '../../src/transfer/rule-telling.ts';
import type { SyncRule } from '../../src/wire/messages/message.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLink, FakeNetwork, type LinkOptions } from '../support/fake-network.ts';
import { ruleSettings } from '../support/rule-settings.ts';

const sync = ruleSettings({ mode: 'sync', match: ['docs/**', '!*.tmp'] });
const same = ruleSettings({
  ...{ mode: 'sync', maxSize: 10, priority: 3, into: 'elsewhere' },
  match: ['!*.TMP', 'Docs/**', './docs/**'],
});

const SINCE = 7;

/** What a device has to tell, without a file of its own. */
class OwnRules {
  readonly events = new Emitter<OwnSyncRulesEvents>();
  #told: readonly SyncRule[] = [];

  constructor(rules: readonly RuleSettings[]) {
    this.configure(rules);
  }

  told(): readonly SyncRule[] {
    return this.#told;
  }

  configure(rules: readonly RuleSettings[], since = SINCE): void {
    this.#told = rules.flatMap((rule) => {
      const key = syncKey(rule);
      return key ? [{ key, since }] : [];
    });
    this.events.emit('changed');
  }
}

async function device(t: ExecutionContext, name: string, ...rules: RuleSettings[]) {
  const network = new FakeNetwork(deviceNamed(name), name);
  const clock = new FakeClock();
  const own = new OwnRules(rules);
  const telling = new RuleTelling({ network, clock, own });
  await telling.start();
  t.teardown(() => telling.stop());
  const changes: string[] = [];
  telling.events.on('changed', (from) => changes.push(from));
  return { network, own, telling, changes, clock, id: deviceNamed(name) };
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
  t.true(ana.telling.syncs(ben.id, new Rule(sync), SINCE + 1));
  t.true(ben.telling.syncs(ana.id, new Rule(sync), SINCE + 1));
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
    t.false(ana.telling.syncs(ben.id, new Rule(sync), SINCE + 1));
  });
}

test('changed rules are told at once, and hold while the device is away', async (t) => {
  const ana = await device(t, 'ana', sync);
  const ben = await device(t, 'ben');
  const link = meet(ana, ben);
  ben.own.configure([sync]);
  deliver(link);
  t.deepEqual(ana.changes, [ben.id]);
  ben.own.configure([sync]);
  deliver(link);
  link.end();
  t.true(ana.telling.syncs(ben.id, new Rule(sync), SINCE + 1));
  t.deepEqual(ana.changes, [ben.id]);
  await ana.clock.advance(REST_MS);
  ben.own.configure([]);
  meet(ana, ben);
  t.false(ana.telling.syncs(ben.id, new Rule(sync), SINCE + 1));
  t.deepEqual(ana.changes, [ben.id, ben.id]);
});

test('what was announced before the rule was there is not meant by it', async (t) => {
  const ana = await device(t, 'ana', sync);
  const ben = await device(t, 'ben', sync);
  const link = meet(ana, ben);
  t.deepEqual(
    [SINCE - 1, SINCE, SINCE + 1].map((sequence) => ana.telling.syncs(ben.id, new Rule(sync), sequence)),
    [false, false, true],
  );
  ben.own.configure([sync], 2 * SINCE);
  deliver(link);
  t.false(ana.telling.syncs(ben.id, new Rule(sync), SINCE + 1));
});

test('of rules that change again and again it is said now and then, and how they are in the end', async (t) => {
  const ana = await device(t, 'ana', sync);
  const ben = await device(t, 'ben');
  const link = meet(ana, ben);
  for (let time = 0; time < 101; time += 1) {
    ben.own.configure(time % 2 === 0 ? [sync] : []);
    deliver(link);
  }
  t.deepEqual(ana.changes, [ben.id]);
  t.true(ana.telling.syncs(ben.id, new Rule(sync), SINCE + 1));
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
  t.true(ana.telling.syncs(ben.id, new Rule(sync), SINCE + 1));
});
