import test from 'ava';
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
