import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { ClassicPeers } from '../../src/catalogue/classic-peers.ts';
import type { RuleSettings } from '../../src/config/settings.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { ClassicRules } from '../../src/transfer/classic-rules.ts';
import { classicNode } from '../support/classic-node.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { polled } from '../support/polling.ts';
import { ruleSettings } from '../support/rule-settings.ts';
import { incomingOf } from '../support/transfer-checks.ts';
import { TransferPeer } from '../support/transfer-peer.ts';

const ROUND_MS = 30_000;
const queries = { probe: async () => 'classic' as const, search: async () => true };

/** Bob follows rules; a classic node has every file that it is asked for, and sends none of it before `letGo`. */
async function setUp(t: ExecutionContext, ...rules: Partial<RuleSettings>[]) {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const fetched: string[] = [];
  const node = await classicNode(t, (request, socket) => {
    if (request.startsWith('BUSCAR')) {
      socket.end('SI');
      return;
    }
    fetched.push(request);
    void held.then(() => socket.end('OKbytes'));
  });
  const bob = await TransferPeer.start(t, new MemoryLan(), 'bob', { limits: { downloads: 1 } });
  const clock = new FakeClock();
  const classicPeers = new ClassicPeers({ clock, logger: silentLogger, queries, intervalMs: ROUND_MS });
  const { index, downloads } = bob;
  const classicRules = new ClassicRules({
    ...{ classicPeers, index, downloads, clock },
    rules: rules.map(ruleSettings),
  });
  await classicPeers.start();
  await classicRules.start();
  t.teardown(async () => {
    letGo();
    await classicRules.stop();
    await classicPeers.stop();
  });
  const { host, port } = node;
  await classicPeers.offer({ host, port });
  const states = () => downloads.list().map(({ target, state }) => `${target} ${state}`);
  return { bob, clock, classicRules, letGo, states, host, port, fetched };
}

test('what is on its way from a classic node is given up when no rule names it any more', async (t) => {
  const { bob, classicRules, states } = await setUp(t, { match: ['a'] }, { match: ['b'] });
  t.true(await polled(1, () => bob.downloads.active === 2));
  classicRules.configure([ruleSettings({ match: ['b'] })]);
  t.deepEqual(states(), ['a cancelled', 'b queued']);
});

test('what is on its way from a classic node goes where its rule says now', async (t) => {
  const { bob, clock, classicRules, letGo, states } = await setUp(t, { match: ['a'], into: 'one' });
  t.true(await polled(1, () => bob.downloads.active === 1));
  classicRules.configure([ruleSettings({ match: ['a'], into: 'two' })]);
  await clock.advance(ROUND_MS);
  letGo();
  t.true(await polled(1, () => states().join() === 'one/a cancelled,two/a done'));
});

test('what an earlier process has asked a classic node for is given up when no rule names it now', async (t) => {
  const { bob, clock } = await setUp(t, { match: ['a'] });
  t.true(await polled(1, () => bob.downloads.active === 1));
  await bob.stop();
  const { index, downloads } = await TransferPeer.start(t, bob.lan, 'bob', { after: bob });
  const classicPeers = new ClassicPeers({ clock, logger: silentLogger, queries, intervalMs: ROUND_MS });
  const classicRules = new ClassicRules({ classicPeers, index, downloads, clock, rules: [] });
  await classicRules.start();
  t.teardown(() => classicRules.stop());
  t.is(downloads.list()[0]?.state, 'cancelled');
});

test('what a person asks a classic node for, too, comes although no rule names it any more', async (t) => {
  const { bob, classicRules, states, host, port } = await setUp(t, { match: ['a'] });
  t.true(await polled(1, () => bob.downloads.active === 1));
  const target = bob.downloads.ofRules()[0]!.target;
  bob.downloads.requestClassic({ host, port, name: 'a', target, reason: 'person' });
  classicRules.configure([]);
  t.deepEqual(states(), ['a connecting']);
});

test('the rule with the highest priority decides about a classic node, and goes first', async (t) => {
  const { bob, letGo } = await setUp(
    t,
    { match: ['a', 'b', 'c'], into: 'low' },
    { match: ['c'], into: 'high', priority: 1 },
  );
  const done: string[] = [];
  bob.downloads.events.on('changed', (download) => {
    const { target, state } = download.view();
    if (state === 'done') done.push(target);
  });
  t.true(await polled(1, () => bob.downloads.active === 3));
  letGo();
  t.true(await polled(1, () => done.length === 3));
  t.deepEqual(done, ['high/c', 'low/a', 'low/b']);
});

for (const { mode, stays } of [
  { mode: 'fetch', stays: true },
  { mode: 'mirror', stays: false },
] as const) {
  test(`${mode}: what came from a classic node and is deleted here ${stays ? 'stays away' : 'comes again'}`, async (t) => {
    const { bob, clock, letGo } = await setUp(t, { match: ['a'], mode });
    letGo();
    t.true(await polled(1, () => bob.downloads.active === 1));
    t.true(await polled(1, () => bob.downloads.active === 0));
    await rm(join(bob.folder, 'a'));
    await bob.index.touched(parseRelativePath('a'));
    await clock.advance(ROUND_MS);
    t.is(bob.downloads.list().length, stays ? 1 : 2);
  });
}

test('what a person has cancelled is not asked of a classic node again, before its rule is another one', async (t) => {
  const { bob, clock, classicRules, states } = await setUp(t, { match: ['a'] });
  t.true(await polled(1, () => bob.downloads.active === 1));
  await bob.downloads.cancel([]);
  await clock.advance(ROUND_MS);
  classicRules.configure([ruleSettings({ match: ['a'] })]);
  await clock.advance(ROUND_MS);
  t.deepEqual(states(), ['a cancelled']);
  classicRules.configure([]);
  classicRules.configure([ruleSettings({ match: ['a'] })]);
  await clock.advance(ROUND_MS);
  t.is(states().length, 2);
});

test('what turns out to be larger than its rule takes is given up, and asked for again when a rule takes it', async (t) => {
  const { bob, clock, classicRules, letGo, states, fetched } = await setUp(t, { match: ['a'], maxSize: 4 });
  letGo();
  t.true(await polled(1, () => states().join() === 'a failed'));
  const { error } = bob.downloads.list()[0]!;
  t.deepEqual(error, { code: 'OVER_MAX_SIZE', params: { path: 'a', allowed: 4 } });
  t.deepEqual(await incomingOf(bob), []);
  classicRules.configure([ruleSettings({ match: ['a'], maxSize: 3 })]);
  for (let round = 0; round < 3; round += 1) await clock.advance(ROUND_MS);
  t.deepEqual([fetched.length, states()], [1, ['a failed']]);
  classicRules.configure([ruleSettings({ match: ['a'], maxSize: 5 })]);
  await clock.advance(ROUND_MS);
  t.true(await polled(1, () => states().join() === 'a done'));
  t.is(fetched.length, 2);
});

test('what one rule does not take, since it is too large, is up to the next', async (t) => {
  const { clock, letGo, states } = await setUp(
    t,
    { match: ['a'], maxSize: 4, into: 'small' },
    { match: ['a'], into: 'large' },
  );
  letGo();
  t.true(await polled(1, () => states().join() === 'small/a failed'));
  await clock.advance(ROUND_MS);
  t.true(await polled(1, () => states().join() === 'small/a failed,large/a done'));
});

test('a person gets what is too large for a rule, also while that is fetching it', async (t) => {
  const { bob, letGo, states, host, port } = await setUp(t, { match: ['a'], maxSize: 4 });
  t.true(await polled(1, () => bob.downloads.active === 1));
  bob.downloads.requestClassic({ host, port, name: 'a', target: parseRelativePath('a'), reason: 'person' });
  letGo();
  t.true(await polled(1, () => states().join() === 'a done'));
});

test('how much a rule takes of a classic node holds after a restart', async (t) => {
  const { bob, letGo } = await setUp(t, { match: ['a'], maxSize: 4 });
  t.true(await polled(1, () => bob.downloads.active === 1));
  await bob.stop();
  const { downloads } = await TransferPeer.start(t, bob.lan, 'bob', { after: bob });
  letGo();
  t.true(await polled(1, () => downloads.list()[0]?.error?.code === 'OVER_MAX_SIZE'));
});
