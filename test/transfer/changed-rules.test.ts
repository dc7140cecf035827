import test, { type ExecutionContext } from 'ava';
import type { RuleSettings } from '../../src/config/settings.ts';
import { ruleSettings } from '../support/rule-settings.ts';
import { quiet, ruleFollower, until } from '../support/rule-peer.ts';

/** Ana follows a rule, by which `x` is on its way from Ben; nothing of it arrives until `letGo`. */
async function underWay(t: ExecutionContext, rule: Partial<RuleSettings>) {
  const peers = await ruleFollower(t, rule);
  const { ana, ben, both } = peers;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  ben.peer.network.tampering = async (_, answer) => held.then(answer);
  await ben.write('x', 'theirs');
  await until(both.slice(1), () => ana.peer.downloads.active === 1);
  const states = () => ana.peer.downloads.list().map(({ target, state }) => `${target} ${state}`);
  return { ...peers, letGo, states };
}

for (const [what, rules] of [
  ['is taken away', []],
  ['is about other names now', [ruleSettings({ match: ['*.pdf'] })]],
  ['takes nothing so large any more', [ruleSettings({ maxSize: 3 })]],
  ['follows somebody else now', [ruleSettings({ from: ['eva'] })]],
] as const) {
  test(`what is on its way is given up when its rule ${what}`, async (t) => {
    const { ana, both, letGo, states } = await underWay(t, {});
    ana.runner.configure(rules);
    await until(both, () => ana.peer.downloads.active === 0);
    letGo();
    await quiet(both);
    t.deepEqual(states(), ['x cancelled']);
    t.deepEqual(await ana.files(), {});
  });
}

test('what a person asked for, too, comes although its rule is taken away', async (t) => {
  const { ana, ben, both, letGo } = await underWay(t, {});
  ana.peer.get(ben.peer, 'x');
  ana.runner.configure([]);
  await until(both, () => ana.runner.isIdle);
  letGo();
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'theirs' });
});

test('what a person asked for, too, is waited for although nobody has it any more', async (t) => {
  const { ana, ben, both, letGo, states } = await underWay(t, {});
  ana.peer.get(ben.peer, 'x');
  await ben.remove('x');
  await until(both, () => ana.runner.isIdle);
  t.is(ana.peer.downloads.active, 1, states().join());
  await ben.write('x', 'theirs again');
  letGo();
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'theirs again' });
});

test('what is on its way into one folder goes into another when the rule says so', async (t) => {
  const { ana, both, letGo, states } = await underWay(t, { into: 'one' });
  ana.runner.configure([ruleSettings({ into: 'two' })]);
  await until(both, () => states().length === 2);
  letGo();
  await quiet(both);
  t.deepEqual(states(), ['one/x cancelled', 'two/x done']);
  t.deepEqual(await ana.files(), { 'two/': '', 'two/x': 'theirs' });
});

test('what is on its way goes on under another rule that puts it there, and in its mode', async (t) => {
  const { ana, both, letGo, states } = await underWay(t, { mode: 'fetch' });
  ana.runner.configure([ruleSettings({ mode: 'mirror' })]);
  await until(both, () => ana.runner.isIdle);
  // As it is put in place, what nobody has seen yet is there.
  await ana.peer.write('x', Buffer.from('ours'));
  letGo();
  await quiet(both);
  t.is(states()[0], 'x done');
  const files = await ana.files();
  t.is(files['x'], 'theirs');
  const names = Object.keys(files);
  t.is(names.length, 2, names.join(', '));
  t.true(
    names.some((name) => name.startsWith('x (conflict ')),
    names.join(', '),
  );
});

test('what a person has cancelled is not asked for again when its source was away', async (t) => {
  const { ana, ben, both, letGo, states } = await underWay(t, {});
  await ana.peer.downloads.cancel([]);
  letGo();
  const { catalogue } = ana.peer;
  for (const online of [false, true]) {
    catalogue.isOnline = () => online;
    ana.runner.configure([ruleSettings({})]);
    await quiet(both);
  }
  t.deepEqual(states(), ['x cancelled']);
  await ben.write('x', 'another');
  await quiet(both);
  t.deepEqual(await ana.files(), { x: 'another' });
});
