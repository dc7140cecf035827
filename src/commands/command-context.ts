import { resolve } from 'node:path';
import { connectAgent, type AgentClient } from '../control/api-client.ts';
import { loadSettings, localeLanguage, requireConfig, stateFolderOf } from '../config/load-settings.ts';
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
const CONFIG_EQUALS = '--config=';

export function createContext(
  io: CommandIo,
  surroundings: { readonly language: Language; readonly out: Output; readonly errors: Output },
  options: { readonly config?: string; readonly json?: boolean },
): CommandContext {
  const configFile = resolve(io.workingFolder, options.config ?? DEFAULT_CONFIG);
  const { language } = surroundings;
  return {
    io,
    ...surroundings,
    json: options.json ?? false,
    configFile,
    configNamed: options.config !== undefined,
    say: (key, fillings) => translate(language, key, fillings),
  };
}

/** The language of the config that the command line names, if that can be read, else that of the locale. */
export async function languageOf(io: CommandIo, argv: readonly string[]): Promise<Language> {
  const language = localeLanguage(io.environment);
  try {
    const file = resolve(io.workingFolder, namedConfig(argv) ?? DEFAULT_CONFIG);
    return (await loadSettings(file, { optional: true, language })).language;
  } catch {
    return language;
  }
}

/** Found before the command line is parsed, since what is wrong with it is to be said in that language, too. */
function namedConfig(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => word === '--config' || word.startsWith(CONFIG_EQUALS));
  if (at < 0) return undefined;
  return argv[at] === '--config' ? argv[at + 1] : argv[at]!.slice(CONFIG_EQUALS.length);
}

/**
 * Calls the running agent of the config.
 * @throws NO_AGENT, OTHER_CONFIG, AGENT_UNREACHABLE, STATE_UNWRITABLE, CONFIG_UNREADABLE when there is none, nor the
 * config that was named
 */
export async function withAgent<Result>(
  context: CommandContext,
  use: (agent: AgentClient) => Promise<Result>,
): Promise<Result> {
  const { configFile, configNamed } = context;
  const agent = await connectAgent(stateFolderOf(configFile), { configFile }).catch(
    async (error: unknown) => {
      if (configNamed) await requireConfig(configFile);
      throw error;
    },
  );
  try {
    return await use(agent);
  } finally {
    agent.close();
  }
}

/** An error in the use of a command, with its sentence. */
export function usageError(language: Language, key: string): CompartidosError {
  return new CompartidosError('USAGE', { message: translate(language, key) });
}
