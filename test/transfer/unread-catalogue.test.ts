import test from 'ava';
import { SqliteError } from '../../src/index/sqlite.ts';
import { quiet, ruleFollower, until } from '../support/rule-peer.ts';
import { ContentSources } from '../../src/transfer/content-sources.ts';
import { Swarm } from '../../src/transfer/swarm.ts';
import { ruleSettings } from '../support/rule-settings.ts';

const refuse = (): never => {
  throw new SqliteError('SQLITE_IOERR_READ', 'disk I/O error');
};

for (const method of ['at', 'entries'] as const) {
  test(`rules that cannot read what peers have are carried out when they can: ${method}`, async (t) => {
    const { lan, ana, ben, has } = await ruleFollower(t, { mode: 'mirror' });
    const { catalogue, device } = ana.peer;
    const read = catalogue[method].bind(catalogue);
    Object.assign(catalogue, { [method]: refuse });
    await ben.write('file', 'content');
    lan.disconnect(device, ben.peer.device);
    lan.connect(device, ben.peer.device);
    ana.runner.configure([ruleSettings({ mode: 'mirror' })]);
    for (let turn = 0; turn < 10; turn += 1) await ana.clock.advance(100);
    Object.assign(catalogue, { [method]: read });
    while (!(await has('file', 'content')())) await ana.clock.advance(100);
    t.pass();
  });
}

test('deletions that cannot be looked at when they are due are made later', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  await ben.write('file', 'content');
  await ben.write('other', 'other');
  await until(both, has('file', 'content'));
  await until(both, has('other', 'other'));
  await quiet(both);
  await ben.remove('file');
  for (let turn = 0; turn < 5; turn += 1) await ana.clock.advance(100);
  const { catalogue } = ana.peer;
  const at = catalogue.at.bind(catalogue);
  Object.assign(catalogue, { at: refuse });
  for (let turn = 0; turn < 10; turn += 1) await ana.clock.advance(100);
  t.deepEqual(await ana.discarded(), []);
  Object.assign(catalogue, { at });
  while ((await ana.discarded()).length === 0) await ana.clock.advance(100);
  t.deepEqual(await ana.files(), { other: 'other' });
});

test('who cannot be looked up is no source at present', async (t) => {
  const { ana, ben } = await ruleFollower(t);
  await ben.write('file', 'content');
  const [content] = ben.peer.index.after(0, 1);
  const { catalogue, network } = ana.peer;
  const swarm = new Swarm({ network, catalogue, clock: ana.clock });
  const sources = new ContentSources({ network, catalogue, swarm });
  const find = (thorough: boolean) =>
    sources.find(content!, [ben.peer.device], thorough).map(({ device }) => device);
  Object.assign(catalogue, { withHash: refuse, get: refuse });
  t.deepEqual(find(true), []);
  t.deepEqual(find(false), [ben.peer.device]);
});
