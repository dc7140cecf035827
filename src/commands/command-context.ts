import { resolve } from 'node:path';
import { connectAgent, type AgentClient } from '../control/api-client.ts';
import { loadSettings, localeLanguage, stateFolderOf } from '../config/load-settings.ts';
import { CompartidosError } from '../core/errors.ts';
import type { Fillings, Language } from '../language/translate.ts';
import { translate } from '../language/translate.ts';
import type { CommandIo } from './command-io.ts';
import type { Output } from './output.ts';

/** What every command is given besides its own arguments. */
export interface CommandContext {
  readonly io: CommandIo;
  readonly out: Output;
  readonly errors: Output;
  readonly language: Language;
  readonly json: boolean;
  /** Absolute. */
  readonly configFile: string;
  /** Whether a person named the config file; then it must be there. */
  readonly configNamed: boolean;
  readonly say: (key: string, fillings?: Fillings) => string;
}

const DEFAULT_CONFIG = 'config.yaml';

/** The context of a command. The language is that of the config, if it can be read, else that of the locale. */
export async function createContext(
  io: CommandIo,
  outputs: { readonly out: Output; readonly errors: Output },
  options: { readonly config?: string; readonly json?: boolean },
): Promise<CommandContext> {
  const configFile = resolve(io.workingFolder, options.config ?? DEFAULT_CONFIG);
  const language = await languageOf(configFile, localeLanguage(io.environment));
  return {
    io,
    ...outputs,
    language,
    json: options.json ?? false,
    configFile,
    configNamed: options.config !== undefined,
    say: (key, fillings) => translate(language, key, fillings),
  };
}

/**
 * Calls the running agent of the config.
 * @throws NO_AGENT, OTHER_CONFIG, AGENT_UNREACHABLE
 */
export async function withAgent<Result>(
  context: CommandContext,
  use: (agent: AgentClient) => Promise<Result>,
): Promise<Result> {
  const agent = await connectAgent(stateFolderOf(context.configFile), { configFile: context.configFile });
  try {
    return await use(agent);
  } finally {
    agent.close();
  }
}

/** An error in the use of a command, with its sentence. */
export function usageError(language: Language, key: string, fillings?: Fillings): CompartidosError {
  return new CompartidosError('USAGE', { message: translate(language, key, fillings) });
}

async function languageOf(configFile: string, fallback: Language): Promise<Language> {
  try {
    return (await loadSettings(configFile, { optional: true, language: fallback })).language;
  } catch {
    return fallback;
  }
}
