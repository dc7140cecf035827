import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { ruleSettings } from '../support/rule-settings.ts';
import { joinAll, quiet, RulePeer, until } from '../support/rule-peer.ts';

test('sync: who does not sync it may delete it, and the others keep theirs', async (t) => {
  const lan = new MemoryLan();
  const ana = await RulePeer.start(t, lan, 'ana', { mode: 'sync' });
  const ben = await RulePeer.start(t, lan, 'ben', { mode: 'sync' });
  const dan = await RulePeer.start(t, lan, 'dan', {});
  const all = [ana, ben, dan];
  let since = Infinity;
  for (const { telling } of [ana, ben]) {
    telling.syncs = (device, _, sequence) => device !== dan.peer.device || sequence > since;
  }
  joinAll(...all);
  await ana.write('x', 'one');
  await until(all, async () => (await dan.files())['x'] === 'one' && (await ben.files())['x'] === 'one');
  await dan.remove('x');
  await dan.write('new', 'of dan');
  await quiet(all);
  t.deepEqual(await ana.files(), { x: 'one', new: 'of dan' });
  t.deepEqual(await ben.files(), { x: 'one', new: 'of dan' });
  t.deepEqual(await dan.files(), { new: 'of dan' });

  // From now on it has the same rule: what it did without before comes back, and what it deletes is deleted.
  since = dan.peer.index.sequence;
  for (const { telling } of [ana, ben]) telling.events.emit('changed', dan.peer.device);
  dan.runner.configure([ruleSettings({ mode: 'sync' })]);
  dan.peer.index.disown([parseRelativePath('x')]);
  await quiet(all);
  for (const one of all) t.deepEqual(await one.files(), { x: 'one', new: 'of dan' });
  await dan.remove('x');
  await quiet(all);
  for (const one of all) t.deepEqual(await one.files(), { new: 'of dan' });
  t.deepEqual(await ana.discarded(), ['one']);
});

test('sync: what was deleted where it is not synced comes to who has it not', async (t) => {
  const lan = new MemoryLan();
  const ana = await RulePeer.start(t, lan, 'ana');
  const dan = await RulePeer.start(t, lan, 'dan', {});
  const ben = await RulePeer.start(t, lan, 'ben', { mode: 'sync' });
  ben.telling.syncs = () => false;
  const all = [ana, dan, ben];
  await ana.write('x', 'one');
  ana.peer.announceTo(dan.peer);
  lan.connectAll();
  await until([ana, dan], async () => (await dan.files())['x'] === 'one');
  await dan.remove('x');
  for (const { peer } of [ana, dan]) peer.announceTo(ben.peer);
  await until(all, async () => (await ben.files())['x'] === 'one');
  t.pass();
});
