import test from 'ava';
import { MemoryLan } from '../support/memory-lan.ts';
import { joinAll, quiet, RulePeer, until } from '../support/rule-peer.ts';

for (const who of ['ana', 'ben'] as const) {
  test(`what ${who} has deleted and Ana asks for again stays, and goes to all who sync with her`, async (t) => {
    const lan = new MemoryLan();
    const ana = await RulePeer.start(t, lan, 'ana', { mode: 'sync', from: ['ben'] });
    const ben = await RulePeer.start(t, lan, 'ben', { mode: 'sync', from: ['ana'] });
    const tess = await RulePeer.start(t, lan, 'tess');
    const all = [ana, ben, tess];
    joinAll(...all);
    await tess.write('x', 'one');
    const get = () => ana.peer.get(tess.peer, 'x').finished;
    const has = async (one: RulePeer) => (await one.files())['x'] === 'one';
    t.is((await get()).state, 'done');
    await until(all, () => has(ben));
    await (who === 'ana' ? ana : ben).remove('x');
    await until(all, async () => !(await has(ana)) && !(await has(ben)));
    await quiet(all);
    t.is((await get()).state, 'done');
    await quiet(all);
    t.deepEqual([await ana.files(), await ben.files()], [{ x: 'one' }, { x: 'one' }]);
  });
}

test('what was deleted here and asked for again gives way to a newer version as it did before', async (t) => {
  const lan = new MemoryLan();
  const ana = await RulePeer.start(t, lan, 'ana');
  const tess = await RulePeer.start(t, lan, 'tess');
  joinAll(ana, tess);
  const get = () => ana.peer.get(tess.peer, 'x').finished;
  await tess.write('x', 'one');
  await get();
  await ana.remove('x');
  await get();
  await tess.write('x', 'one and two');
  await get();
  t.deepEqual(await ana.files(), { x: 'one and two' });
});
