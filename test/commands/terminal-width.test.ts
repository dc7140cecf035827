import { spawn } from 'node:child_process';
import test from 'ava';
import { PROGRAM, startAgent } from '../support/command-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTerminals, onTerminal } from '../support/terminal-command.ts';

(hasTerminals ? test : test.skip)('on a terminal, lists are cut to its width', async (t) => {
  const folder = await temporaryFolder(t);
  await startAgent(t, folder);
  const commands = ['find docs', 'peers', 'get docs', 'queue'].map((each) => `"$NODE" "$PROGRAM" ${each}`);
  const child = spawn(...onTerminal(`bash -c 'stty cols 40 rows 30; ${commands.join('; ')}'`), {
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C.UTF-8', NODE: process.execPath, PROGRAM },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => (text += data));
  await new Promise((resolve) => child.once('close', resolve));
  const lines = text.split('\r\n');
  t.true(lines.length > 10);
  for (const line of lines) t.true(line.length <= 40, line);
  t.true(lines.includes('d1  done   100 %  docs/report.pdf'), text);
});
