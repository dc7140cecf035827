import test from 'ava';
import { AgentService, type AgentServiceParts } from '../../src/agent/agent-service.ts';

test('a closed service takes no call for one that can be answered, and may be stopped again', async (t) => {
  let stops = 0;
  const parts: Partial<AgentServiceParts> = { stateFolder: '/state', stop: () => (stops += 1) };
  const service = new AgentService(parts as AgentServiceParts);
  service.close();
  for (const call of [service.status(), service.find('x'), service.get([{ path: 'x' }]), service.check()]) {
    await t.throwsAsync(call, { code: 'NO_AGENT' });
  }
  await service.stop();
  t.is(stops, 1);
});
