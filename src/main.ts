#!/usr/bin/env node
import { runCommandLine } from './commands/command-line.ts';

const end = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end.abort());

process.exit(
  await runCommandLine(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    workingFolder: process.cwd(),
    endRequested: end.signal,
    // Commands that ask a running agent need nothing of what an agent is made of.
    startAgent: async (settings, options) => (await import('./agent.ts')).startAgent(settings, options),
  }),
);
