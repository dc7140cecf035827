import { join, resolve } from 'node:path';
import type { AgentApi } from '../agent-api.ts';
import { ApiServer } from '../control/api-server.ts';
import { expandHome } from '../config/home-folder.ts';
import { loadSettings, type SettingsOverrides } from '../config/load-settings.ts';
import { isValidName } from '../config/schema.ts';
import { isCompartidosError } from '../core/errors.ts';
import { systemClock } from '../core/system-clock.ts';
import type { LogLevel } from '../core/logger.ts';
import { sentenceLine } from '../logging/log-line.ts';
import { openLog } from '../logging/open-log.ts';
import { Prompt } from '../prompt/prompt.ts';
import type { Settings } from '../config/settings.ts';
import type { RunningAgent } from './start-agent.ts';
import { usageError, type CommandContext } from './command-context.ts';
import { DONE } from './exit-codes.ts';

export interface StartCommandOptions {
  readonly folder?: string;
  readonly port?: string;
  readonly name?: string;
  readonly prompt: boolean;
}

/** Runs the agent until it is asked to stop, with a prompt when there is a terminal. */
export async function start(context: CommandContext, options: StartCommandOptions): Promise<number> {
  const endRequested = context.io.endRequested();
  const overrides = overridesOf(context, options);
  const settings = await loadSettings(context.configFile, {
    optional: !context.configNamed,
    overrides,
    language: context.language,
  });
  const { stdin, stdout } = context.io;
  const interactive = options.prompt && stdin.isTTY && stdout.isTTY;
  let prompt: Prompt | undefined;
  const log = openLog({
    ...settings.log,
    file: join(settings.stateFolder, 'log', 'agent.log'),
    language: settings.language,
    show: (shown) => {
      if (interactive && LEVELS_OF_THE_FILE.has(shown.level)) return;
      if (prompt) prompt.announce(shown.level, shown.sentence);
      else void context.out.lines([sentenceLine(shown)]);
    },
    now: () => systemClock.now(),
  });
  try {
    const agent = await context.io.startAgent(settings, {
      configFile: context.configFile,
      overrides,
      logger: log,
    });
    if (interactive) {
      prompt = new Prompt({
        api: agent.api,
        input: stdin,
        output: stdout,
        language: settings.language,
        historyFile: join(settings.stateFolder, 'history'),
        clock: systemClock,
      });
    }
    await serveUntilStopped(context, settings, agent, prompt, endRequested);
    return DONE;
  } finally {
    await log.close();
  }
}

/** With a prompt, these are in the file of the log only. */
const LEVELS_OF_THE_FILE: ReadonlySet<LogLevel> = new Set(['debug', 'info']);

async function serveUntilStopped(
  { configFile, out, say }: CommandContext,
  { stateFolder }: Settings,
  { api, stopped }: RunningAgent,
  prompt: Prompt | undefined,
  endRequested: AbortSignal,
): Promise<void> {
  const server = new ApiServer({ api, stateFolder, configFile, clock: systemClock });
  const stop = (): void => void api.stop();
  if (endRequested.aborted) stop();
  endRequested.addEventListener('abort', stop);
  try {
    await server.start();
    await prompt?.start().catch((error: unknown) => {
      // It was asked to stop before it could greet anybody.
      if (!isCompartidosError(error, 'NO_AGENT')) throw error;
    });
    await Promise.race([stopped, prompt?.finished ?? stopped]);
  } finally {
    await prompt?.stop();
    if (prompt) {
      const count = await unendedDownloads(api);
      const more = count > 0 ? [say('prompt.stopping-downloads', { count })] : [];
      await out.lines([...more, say('prompt.stopping')]);
    }
    await api.stop();
    await stopped;
    endRequested.removeEventListener('abort', stop);
    await server.stop();
  }
}

/** None where the agent has been stopped by others already: it answers no more. */
async function unendedDownloads(api: AgentApi): Promise<number> {
  return api.status().then(
    ({ transfers }) => transfers,
    () => 0,
  );
}

function overridesOf(context: CommandContext, options: StartCommandOptions): SettingsOverrides {
  const { folder, port, name } = options;
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw usageError(context.language, 'usage.bad-port');
  }
  if (name !== undefined && !isValidName(name)) throw usageError(context.language, 'usage.bad-name');
  return {
    ...(folder === undefined ? {} : { folder: resolve(context.io.workingFolder, expandHome(folder)) }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(name === undefined ? {} : { name: name.normalize('NFC').trim() }),
  };
}
