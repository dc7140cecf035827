import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { catalogueNode } from '../support/catalogue-node.ts';
import { fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLink } from '../support/fake-network.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testDatabase } from '../support/test-database.ts';

test('an index that was brought back from a backup replaces what others know of the one that was lost', async (t) => {
  const base = await temporaryFolder(t);
  const state = join(base, 'state');
  const backup = join(base, 'backup');
  const clock = new FakeClock();
  const luis = await catalogueNode('Luis', clock);
  t.teardown(() => luis.stop());
  const run = async (isConnected: boolean, ...paths: string[]) => {
    const ana = await catalogueNode('Ana', clock, {}, testDatabase(state));
    ana.index.put(...paths.map((path) => fileEntry(path)));
    const link = isConnected ? new FakeLink(ana.network, luis.network) : undefined;
    await clock.advance(0);
    const known = [...luis.catalogue.entries(ana.network.device)].map(({ entry }) => String(entry.path));
    link?.end();
    await ana.stop();
    return known.sort();
  };
  await run(true, 'before');
  await cp(state, backup, { recursive: true });
  await run(true, 'lost 1', 'lost 2');
  const restore = async () => {
    await rm(state, { recursive: true });
    await cp(backup, state, { recursive: true });
  };
  await restore();
  await run(false, 'anew 1', 'anew 2');
  t.deepEqual(await run(true), ['anew 1', 'anew 2', 'before']);
  await restore();
  t.deepEqual(await run(true, 'again 1', 'again 2', 'again 3'), ['again 1', 'again 2', 'again 3', 'before']);
});

test('an index that had no entries when it was copied begins anew with each copy', async (t) => {
  const base = await temporaryFolder(t);
  const clock = new FakeClock();
  const luis = await catalogueNode('Luis', clock);
  t.teardown(() => luis.stop());
  testDatabase(join(base, 'image')).close();
  for (const paths of [['Monday 1', 'Monday 2'], ['Tuesday 1'], ['Wednesday 1', 'Wednesday 2']]) {
    const state = join(base, paths[0]!);
    await cp(join(base, 'image'), state, { recursive: true });
    const ana = await catalogueNode('Ana', clock, {}, testDatabase(state));
    ana.index.put(...paths.map((path) => fileEntry(path)));
    const link = new FakeLink(ana.network, luis.network);
    await clock.advance(0);
    const known = [...luis.catalogue.entries(ana.network.device)].map(({ entry }) => String(entry.path));
    t.deepEqual(known.sort(), paths);
    link.end();
    await ana.stop();
  }
});

test('who was told of all is told of nothing twice, however often the agent starts', async (t) => {
  const state = join(await temporaryFolder(t), 'state');
  const clock = new FakeClock();
  const luis = await catalogueNode('Luis', clock);
  t.teardown(() => luis.stop());
  for (const path of ['one', 'two', undefined, undefined, 'three']) {
    const ana = await catalogueNode('Ana', clock, {}, testDatabase(state));
    const told: string[] = [];
    const remove = luis.catalogue.events.on('changed', (_, entries) =>
      told.push(...entries.map((entry) => String(entry.path))),
    );
    const link = new FakeLink(ana.network, luis.network);
    await clock.advance(0);
    t.deepEqual(told, []);
    if (path !== undefined) ana.index.put(fileEntry(path));
    await clock.advance(100);
    t.deepEqual(told, path === undefined ? [] : [path]);
    remove();
    link.end();
    await ana.stop();
  }
});
