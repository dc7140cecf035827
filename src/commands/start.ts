import { join, resolve } from 'node:path';
import { ApiServer } from '../control/api-server.ts';
import { loadSettings, type SettingsOverrides } from '../config/load-settings.ts';
import { isValidName } from '../config/schema.ts';
import { systemClock } from '../core/system-clock.ts';
import { openLog } from '../logging/open-log.ts';
import { usageError, type CommandContext } from './command-context.ts';
import { DONE } from './exit-codes.ts';

export interface StartCommandOptions {
  readonly folder?: string;
  readonly port?: string;
  readonly name?: string;
  readonly prompt: boolean;
}

/** Runs the agent until it is asked to stop. */
export async function start(context: CommandContext, options: StartCommandOptions): Promise<number> {
  const overrides = overridesOf(context, options);
  const settings = await loadSettings(context.configFile, {
    optional: !context.configNamed,
    overrides,
    language: context.language,
  });
  const log = openLog({
    ...settings.log,
    file: join(settings.stateFolder, 'log', 'agent.log'),
    language: settings.language,
    show: (line) => void context.out.lines([line]),
    now: () => systemClock.now(),
  });
  try {
    const { api, stopped } = await context.io.startAgent(settings, {
      configFile: context.configFile,
      overrides,
      logger: log,
    });
    const server = new ApiServer({ api, stateFolder: settings.stateFolder, now: () => systemClock.now() });
    const stop = () => void api.stop();
    if (context.io.endRequested.aborted) stop();
    context.io.endRequested.addEventListener('abort', stop);
    try {
      await server.start();
      await stopped;
    } catch (error) {
      await api.stop();
      await stopped;
      throw error;
    } finally {
      context.io.endRequested.removeEventListener('abort', stop);
      await server.stop();
    }
    return DONE;
  } finally {
    await log.close();
  }
}

function overridesOf(context: CommandContext, options: StartCommandOptions): SettingsOverrides {
  const { folder, port, name } = options;
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw usageError(context.language, 'usage.bad-port');
  }
  if (name !== undefined && !isValidName(name)) throw usageError(context.language, 'usage.bad-name');
  return {
    ...(folder === undefined ? {} : { folder: resolve(context.io.workingFolder, folder) }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(name === undefined ? {} : { name: name.normalize('NFC').trim() }),
  };
}
