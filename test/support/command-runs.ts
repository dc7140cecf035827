import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import { execa } from 'execa';

/** The command line with a fake agent behind `start`. */
export const PROGRAM = join(import.meta.dirname, '..', 'fixtures', 'fake-command-line.js');

/** Runs it in `folder` to its end. */
export function run(folder: string, args: readonly string[], environment: Record<string, string> = {}) {
  return execa(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { LC_ALL: 'C.UTF-8', ...environment },
    reject: false,
  });
}

/** Starts its agent, and resolves when it can be asked. */
export async function startAgent(
  t: ExecutionContext,
  folder: string,
  args: readonly string[] = [],
  environment: Record<string, string> = {},
) {
  const config = args.includes('--config') ? ['--config', args[args.indexOf('--config') + 1]!] : [];
  const agent = run(folder, ['start', '--no-prompt', ...args], environment);
  t.teardown(() => agent.kill('SIGKILL'));
  const lines = createInterface({ input: agent.stdout });
  await once(lines, 'line');
  // The socket is there once the record is.
  for (;;) {
    const { exitCode } = await run(folder, ['status', ...config]);
    if (exitCode === 0) return { agent };
  }
}
