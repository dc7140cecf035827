import { spawnSync } from 'node:child_process';

/** Whether there is util-linux's `script`, which runs a command on a terminal of its own; others take other options. */
export const hasTerminals =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;
if (!hasTerminals) console.log('left out: the program on a real terminal, for want of util-linux `script`');

/** The program and its arguments that run a command of the shell on a terminal; what it shows goes to standard output. */
export function onTerminal(command: string): [program: string, args: string[]] {
  return ['script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null']];
}
