#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { runCommandLine } from './commands/command-line.ts';
import { INTERRUPTED } from './commands/exit-codes.ts';

// V8 lets the space for new objects grow to 48 MiB while an agent starts, and keeps it while nothing happens.
setFlagsFromString('--semi-space-growth-factor=1');
// Node.js 20 optimizes what is over before that pays (src/README.md has the figures); later releases know no such flag.
if (process.version.startsWith('v20.')) setFlagsFromString('--interrupt-budget=700000');

let endSignal: NodeJS.Signals | undefined;

const exitCode = await runCommandLine(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  workingFolder: process.cwd(),
  endRequested,
  // Commands that ask a running agent need nothing of what an agent is made of.
  startAgent: async (settings, options) => (await import('./agent.ts')).startAgent(settings, options),
});
if (endSignal === 'SIGHUP' || exitCode === INTERRUPTED) endBySignal();
process.exit(exitCode);

function endRequested(): AbortSignal {
  const end = new AbortController();
  // Ctrl-Break of Windows is SIGBREAK, and closing its console SIGHUP.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) {
    process.on(signal, () => {
      if (endSignal !== 'SIGHUP') endSignal = signal;
      end.abort();
    });
  }
  return end.signal;
}

/**
 * As the signal would have done by itself. Whoever exits after a hang-up restores the terminal, and Node.js 20 fails if it is
 * gone; and a shell goes on with its loop unless it sees that its command was interrupted. Windows knows no such signals.
 */
function endBySignal(): void {
  if (endSignal === undefined || process.platform === 'win32') return;
  process.removeAllListeners(endSignal);
  process.kill(process.pid, endSignal);
}
