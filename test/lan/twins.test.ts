import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLab } from '../support/agent-lab.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { labTest } from '../support/lab-test.ts';

labTest(
  'two computers with one identity, as from one disk image, are told of it until one has another',
  async (t) => {
    const lab = await AgentLab.create(t, ['ana', 'luis']);
    const before = await lab.start('ana');
    const { id } = await before.api.status();
    await before.stop();
    const state = (name: string) => join(lab.home(name), '.compartidos');
    await cp(state('ana'), state('luis'), { recursive: true });
    const [ana, luis] = [await lab.start('ana'), await lab.start('luis')];
    for (const [agent, other] of [
      [ana, 'luis'],
      [luis, 'ana'],
    ] as const) {
      await agent.process.line((text) => text.includes('has the same identity'));
      const address = String((await twin(agent))?.fields['address']);
      t.true(address === lab.host(other).address || address.startsWith('fe80::'), address);
    }
    await luis.stop();
    await rm(join(state('luis'), 'identity'), { recursive: true });
    const renewed = await lab.start('luis');
    await renewed.until(async () => (await renewed.api.status()).peers === 1 || undefined, 'Ana');
    t.not((await renewed.api.status()).id, id);
    t.is(await twin(renewed), undefined);
  },
);

async function twin(agent: AgentProcess) {
  return (await agent.api.status()).problems.find(({ event }) => event === 'identity.twin');
}
