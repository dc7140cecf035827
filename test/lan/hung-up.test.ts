import { join } from 'node:path';
import { AgentLab } from '../support/agent-lab.ts';
import { PROGRAM } from '../support/agent-process.ts';
import { labTest } from '../support/lab-test.ts';
import { hasTerminals, onTerminal } from '../support/terminal-command.ts';

labTest('an agent that is hung up stops in order, and ends by the signal', async (t) => {
  const lab = await AgentLab.create(t, ['ana', 'luis']);
  const ana = await lab.start('ana');
  const luis = await lab.start('luis');
  await luis.until(async () => (await luis.api.status()).peers === 1 || undefined, 'Ana');
  ana.process.kill('SIGHUP');
  t.is(await ana.process.exited, 'SIGHUP');
  t.is(ana.process.stderr, '');
  await luis.until(async () => (await luis.api.status()).peers === 0 || undefined, 'the goodbye');
});

if (hasTerminals) {
  labTest('an agent whose terminal is closed stops in order, too', async (t) => {
    const lab = await AgentLab.create(t, ['ana', 'luis']);
    const luis = await lab.start('luis');
    const folder = join(lab.home('luis'), 'ana');
    const program = `exec "${process.execPath}" "${PROGRAM}" --name ana --config "${folder}/config.yaml" 2>&3`;
    const [script, args] = onTerminal(`mkdir "${folder}" && touch "${folder}/config.yaml" && ${program}`);
    // The agent's errors go past the terminal, so that this process is over when the agent is.
    const ana = lab.host('ana').spawn('sh', ['-c', 'exec 3>&2; exec "$@"', 'sh', script, ...args]);
    await luis.until(async () => (await luis.api.status()).peers === 1 || undefined, 'Ana');
    ana.kill('SIGKILL');
    t.is(await ana.exited, 'SIGKILL');
    t.is(ana.stderr, '');
    await luis.until(async () => (await luis.api.status()).peers === 0 || undefined, 'the goodbye');
  });
}
