import { spawn } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import { PROGRAM, run, startAgent } from '../support/command-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTerminals, onTerminal } from '../support/terminal-command.ts';

const CLEAR_LINE = '\r\u001b[K';

/** What these commands, one after the other, write to a terminal of 40 columns, and the lines that stay there. */
async function onNarrowTerminal(t: ExecutionContext, folder: string, commands: readonly string[]) {
  const each = commands.map((command) => `"$NODE" "$PROGRAM" ${command}`);
  const child = spawn(...onTerminal(`bash -c 'stty cols 40 rows 30; ${each.join('; ')}'`), {
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C.UTF-8', NODE: process.execPath, PROGRAM },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => (text += data));
  await new Promise((resolve) => child.once('close', resolve));
  return { text, lines: text.split('\r\n').map((line) => line.split(CLEAR_LINE).at(-1)!) };
}

(hasTerminals ? test : test.skip)('on a terminal, lists are cut to its width', async (t) => {
  const folder = await temporaryFolder(t);
  await startAgent(t, folder);
  const { text, lines } = await onNarrowTerminal(t, folder, ['find docs', 'peers', 'get docs', 'queue']);
  t.true(lines.length > 10);
  for (const line of lines) t.true(line.length <= 40, line);
  t.true(lines.includes('d1  done   100 %  docs/report.pdf'), text);
});

(hasTerminals ? test : test.skip)(
  'of many files a person reads how many came, and a program each',
  async (t) => {
    const folder = await temporaryFolder(t);
    await startAgent(t, folder);
    const { text, lines } = await onNarrowTerminal(t, folder, ['get "many/*" --wait', 'get "docs/*" --wait']);
    t.true(text.startsWith(`${CLEAR_LINE}Looking…${CLEAR_LINE}`), text);
    t.regex(lines[0]!, /^✓ 30 files, 30\.0 kB in \d+(\.\d)? s$/);
    t.deepEqual(lines.slice(1), ['✓ docs/report.pdf', '✓ docs/with space.txt', '']);
    const piped = await run(folder, ['get', 'many/*', '--wait']);
    t.deepEqual(
      piped.stdout.split('\n'),
      Array.from({ length: 30 }, (_, at) => `✓ many/${at}.txt`),
    );
  },
);
