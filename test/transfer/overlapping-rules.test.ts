import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { RuleSettings } from '../../src/config/settings.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { joinAll, quiet, RulePeer, until } from '../support/rule-peer.ts';
import { ruleSettings } from '../support/rule-settings.ts';

/** Tess follows nobody; the others have the rules that are given. */
async function setUp(t: ExecutionContext, ana: Partial<RuleSettings>[], ben: Partial<RuleSettings>[] = []) {
  const lan = new MemoryLan();
  const tess = await RulePeer.start(t, lan, 'tess');
  const peers = {
    tess,
    ana: await RulePeer.start(t, lan, 'ana', ...ana),
    ben: await RulePeer.start(t, lan, 'ben', ...ben),
  };
  const all = Object.values(peers);
  joinAll(...all);
  return { lan, ...peers, all };
}

test('two mirrors of one place do not take turns in it: the first has it', async (t) => {
  const rules: Partial<RuleSettings>[] = [
    { mode: 'mirror', from: ['tess'] },
    { mode: 'mirror', from: ['ben'] },
  ];
  const { tess, ana, ben, all } = await setUp(t, rules);
  await ben.write('x', 'of ben');
  await ben.write('y', 'of ben');
  await quiet(all);
  t.deepEqual(await ana.files(), { x: 'of ben', y: 'of ben' });
  await tess.write('x', 'of tess');
  await quiet(all);
  // Everything is looked at anew.
  ana.runner.configure(rules.map(ruleSettings));
  await quiet(all);
  t.deepEqual(await ana.files(), { x: 'of tess', y: 'of ben' });
  await tess.remove('x');
  await quiet(all);
  t.deepEqual(await ana.files(), { x: 'of ben', y: 'of ben' });
});

test('two mirrors of one place do not take turns in it where it has another name at each source', async (t) => {
  const { tess, ana, ben, all } = await setUp(t, [
    { mode: 'mirror', from: ['tess'], match: ['x'], into: 'from tess' },
    { mode: 'mirror', from: ['ben'], match: ['from tess/x'] },
  ]);
  await ben.write('from tess/x', 'of ben');
  await tess.write('x', 'of tess');
  await quiet(all);
  t.deepEqual(await ana.files(), { 'from tess/': '', 'from tess/x': 'of tess' });
});

for (const order of ['before', 'after']) {
  test(`what a mirror brings is not deleted again and again by a rule ${order} it`, async (t) => {
    const mirror: Partial<RuleSettings> = { mode: 'mirror', match: ['lessons/**'], from: ['tess'] };
    const sync: Partial<RuleSettings> = { mode: 'sync', from: ['ana', 'ben'] };
    const rules = order === 'after' ? [mirror, sync] : [sync, mirror];
    const { lan, tess, ana, ben, all } = await setUp(t, rules, rules);
    await tess.write('lessons/x', 'one');
    const has = async (one: RulePeer) => (await one.files())['lessons/x'] === 'one';
    await until(all, async () => (await has(ana)) && (await has(ben)));
    await quiet(all);
    lan.disconnect(tess.peer.device, ana.peer.device);
    await ana.remove('lessons/x');
    // Ben would have deleted his by the time that Ana gets hers back.
    for (let turn = 0; turn < 50; turn += 1) await ben.clock.advance(100);
    lan.connect(tess.peer.device, ana.peer.device);
    await quiet(all);
    t.deepEqual([await has(ana), await has(ben)], [true, true]);
    t.deepEqual([await ana.discarded(), await ben.discarded()], [[], []]);
  });
}

test('what is deleted goes by the rule that brought it, though another would take smaller files of its name', async (t) => {
  const { tess, ana, all } = await setUp(t, [
    { match: ['*.pdf'], maxSize: 4 },
    { match: ['m/**'], mode: 'mirror', from: ['tess'] },
    { match: ['s/**'], mode: 'sync' },
  ]);
  for (const path of ['m/large.pdf', 's/large.pdf', 'small.pdf']) {
    await tess.write(path, path === 'small.pdf' ? 'tiny' : 'too large for it');
  }
  await quiet(all);
  t.deepEqual(Object.keys(await ana.files()).sort(), ['m/', 'm/large.pdf', 's/', 's/large.pdf', 'small.pdf']);
  for (const path of ['m/large.pdf', 's/large.pdf', 'small.pdf']) await tess.remove(path);
  await quiet(all);
  t.deepEqual(
    Object.keys(await ana.files()).filter((path) => !path.endsWith('/')),
    ['small.pdf'],
  );
});

test('what is deleted goes by no rule beyond the one that decides about it, though nothing of that is here', async (t) => {
  const { tess, ana, all } = await setUp(t, [
    { match: ['docs/**'], into: 'kept', from: ['tess'] },
    { mode: 'mirror', from: ['tess'] },
  ]);
  await tess.write('docs/x', 'one');
  await quiet(all);
  t.is((await ana.files())['kept/docs/x'], 'one');
  await ana.remove('kept/docs/x');
  ana.peer.get(tess.peer, parseRelativePath('docs/x'));
  await quiet(all);
  t.is((await ana.files())['docs/x'], 'one');
  await tess.remove('docs/x');
  await quiet(all);
  t.is((await ana.files())['docs/x'], 'one');
});
