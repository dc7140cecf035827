import { AgentLab } from '../support/agent-lab.ts';
import { labTest } from '../support/lab-test.ts';

labTest('an agent whose terminal is closed stops in order, and ends by the signal', async (t) => {
  const lab = await AgentLab.create(t, ['ana', 'luis']);
  const ana = await lab.start('ana');
  const luis = await lab.start('luis');
  await luis.until(async () => (await luis.api.status()).peers === 1 || undefined, 'Ana');
  ana.process.kill('SIGHUP');
  t.is(await ana.process.exited, 'SIGHUP');
  await luis.until(async () => (await luis.api.status()).peers === 0 || undefined, 'the goodbye');
  t.is(ana.process.stderr, '');
});
