import { spawn } from 'node:child_process';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTerminals, onTerminal } from '../support/terminal-command.ts';
import { TerminalEmulator } from '../support/terminal-emulator.ts';

const PROGRAM = join(import.meta.dirname, '..', 'fixtures', 'fake-command-line.js');
const COLUMNS = 80;

/** A shell with job control on a terminal, which goes on with the program when that was suspended. */
const COMMAND = `bash -c 'set -m; stty cols ${COLUMNS} rows 30; "$NODE" "$PROGRAM" --name pty || fg'`;

async function prompting(t: ExecutionContext) {
  const child = spawn(...onTerminal(COMMAND), {
    cwd: await temporaryFolder(t),
    env: { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm', NODE: process.execPath, PROGRAM },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const terminal = new TerminalEmulator(COLUMNS, 30);
  let wake = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    terminal.write(text);
    wake();
  });
  const shows = async (pattern: RegExp) => {
    while (!pattern.test(terminal.lines.join('\n'))) await new Promise<void>((resolve) => (wake = resolve));
  };
  await shows(/this is pty[^]*\+ ana is here[^]*\ncompartidos>$/);
  return { child, shows, exited };
}

(hasTerminals ? test : test.skip)('the whole program on a real terminal', async (t) => {
  const { child, shows, exited } = await prompting(t);
  child.stdin.write('find docs');
  await shows(/> find docs$/);
  child.stdin.write('\r');
  await shows(/\n1 +1\.2 MB .*report\.pdf\n2 [^]*\ncompartidos>$/);
  child.stdin.write('get 1-2\r');
  await shows(/✓ docs\/report\.pdf\n✓ docs\/with space\.txt\ncompartidos>$/);
  child.stdin.write('get docs/w');
  await shows(/> get docs\/w$/);
  child.stdin.write('\t');
  await shows(/> get "docs\/with space\.txt"$/);
  child.stdin.write('\u0003');
  await shows(/\^C\n.*once more.*\ncompartidos>$/);
  child.stdin.write('\u0003');
  await shows(/Stopping…$/);
  t.is(await exited, 0);
});

(hasTerminals ? test : test.skip)('a prompt that was suspended goes on where it was', async (t) => {
  const { child, shows, exited } = await prompting(t);
  child.stdin.write('find do');
  await shows(/> find do$/);
  child.stdin.write('\u001a');
  await shows(/--name pty\ncompartidos> find do$/);
  child.stdin.write('cs\r');
  await shows(/\n1 +1\.2 MB .*report\.pdf\n2 [^]*\ncompartidos>$/);
  child.stdin.write('\u0004');
  await shows(/Stopping…$/);
  t.is(await exited, 0);
});

(hasTerminals ? test : test.skip)(
  'who leaves before downloads have ended reads what becomes of them',
  async (t) => {
    const { child, shows, exited } = await prompting(t);
    child.stdin.write('get docs from luis\r');
    await shows(/Queued for download: 2\./);
    child.stdin.write('quit\r');
    await shows(/not ended: 2\. They are taken up again at the next start\.\nStopping…$/);
    t.is(await exited, 0);
  },
);
