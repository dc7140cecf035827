import test from 'ava';
import { AgentService, type AgentServiceParts } from '../../src/agent/agent-service.ts';

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
