import test from 'ava';
import { compileGlob, isGlob } from '../../src/model/glob.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { MemoryCatalogue } from '../support/memory-catalogue.ts';
import { AgentService, type AgentServiceParts } from '../../src/agent/agent-service.ts';

test('a classic peer is a source by the name that it is shown with', async (t) => {
  const peers = ['10.0.0.8', '10.0.0.9'].map((host) => {
    return { host, port: 7001, online: true, names: new Set(['foto.jpg']) };
  });
  const asked: object[] = [];
  const parts = {
    catalogue: { peers: () => [], find: () => t.fail('no device is meant') },
    classicPeers: { peers: () => peers, seek: async (name: string) => (name === 'foto.jpg' ? peers : []) },
    downloads: {
      requestClassic(request: object) {
        asked.push(request);
        return { view: () => 'queued' };
      },
      keep() {},
    },
  } as unknown as AgentServiceParts;
  const service = new AgentService(parts);
  const [, { name: from }] = (await service.peers()) as [unknown, { name: string }];
  t.deepEqual(await service.get([{ path: 'foto.jpg' }], { from }), ['queued'] as never);
  t.like(asked, [{ host: '10.0.0.9', port: 7001, name: 'foto.jpg', target: 'foto.jpg' }]);
  await t.throwsAsync(service.get([{ path: 'otra.jpg' }], { from }), {
    message: 'NOT_FOUND {"what":"file","name":"otra.jpg"}',
  });
  await t.throwsAsync(service.get([{ path: 'foto.jpg' }], { from: '10.0.0.7:7001' }), {
    message: 'NOT_FOUND {"what":"peer","name":"10.0.0.7:7001"}',
  });
});

test('a closed service says that there is no agent, and may be stopped again', async (t) => {
  let stops = 0;
  const parts: Partial<AgentServiceParts> = { stateFolder: '/state', stop: () => (stops += 1) };
  const service = new AgentService(parts as AgentServiceParts);
  service.close();
  await t.throwsAsync(service.status(), { code: 'NO_AGENT' });
  await t.throwsAsync(service.get([{ path: 'x' }]), { code: 'NO_AGENT' });
  await t.throwsAsync(service.check(), { code: 'NO_AGENT' });
  await service.stop();
  t.is(stops, 1);
});

/** A service that finds `paths`, here too when they are `local`, and what is asked of its downloads. */
function finding(paths: readonly string[], local = false) {
  const peer = deviceNamed('peer');
  const catalogue = new MemoryCatalogue();
  const entries = paths.map((path) => fileEntry(path));
  catalogue.announce(peer, 'peer', entries);
  const find = async (query: string) => {
    const isMeant = isGlob(query) ? compileGlob(query) : (path: string) => path === query;
    const meant = entries.filter(({ path }) => isMeant(path));
    return meant.map((entry) => ({ ...entry, local, holders: [] }));
  };
  const requested: string[] = [];
  const parts = {
    catalogue: Object.assign(catalogue, { find }),
    index: { isCorrupt: () => false },
    gate: { demandOpen() {} },
    classicPeers: { seek: async () => [] },
    downloads: {
      request({ path }: { readonly path: string }) {
        requested.push(path);
        return { view: () => path };
      },
      keep() {},
    },
  } as unknown as AgentServiceParts;
  return { service: new AgentService(parts), requested };
}

test('nothing is asked for when something of what was named is not there', async (t) => {
  const { service, requested } = finding(['a', 'b']);
  await t.throwsAsync(service.get([{ path: 'a' }, { path: 'c' }, { path: 'b' }]), { code: 'NOT_FOUND' });
  t.deepEqual(requested, []);
  t.deepEqual(await service.get([{ path: 'a' }, { path: 'b' }]), ['a', 'b'] as never);
});

/** How many files have been asked for in each turn that others have meanwhile. */
async function turnsOfOthers({ service, requested }: ReturnType<typeof finding>): Promise<number[]> {
  const turns: number[] = [];
  let over = false;
  const look = () => {
    turns.push(requested.length);
    if (!over) setImmediate(look);
  };
  setImmediate(look);
  await service.get([{ path: '**' }]);
  over = true;
  return turns;
}

test('while very many files are asked for, others have their turns', async (t) => {
  const paths = Array.from({ length: 2000 }, (_, at) => `file ${at}`);
  const looked = await turnsOfOthers(finding(paths, true));
  t.true(looked.filter((count) => count === 0).length >= 5, 'while they are looked at');
  const asking = finding(paths);
  const turns = await turnsOfOthers(asking);
  t.is(asking.requested.length, 2000);
  t.true(
    turns.every((count, at) => count - (turns[at - 1] ?? 0) <= 200),
    String(turns),
  );
});
