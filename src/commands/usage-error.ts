import type { Command, CommanderError } from 'commander';
import { CompartidosError } from '../core/errors.ts';
import { translate, type Language } from '../language/translate.ts';
import { commandOfWord, type CommandName } from '../prompt/command-words.ts';
import { calledElsewhere, isForFolder } from '../prompt/suggest-commands.ts';
import { shownWord } from './program.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'usage.unknown-option',
  'commander.unknownCommand': 'usage.unknown-command',
  'commander.missingArgument': 'usage.missing-argument',
  'commander.optionMissingArgument': 'usage.missing-value',
  'commander.excessArguments': 'usage.excess-arguments',
};

/** Commands of the prompt that have another name here. */
const NAMES_HERE: Partial<Record<CommandName, string>> = { list: 'ls', quit: 'stop' };

/** What commander found wrong in a command line of `program`, in the user's language. */
export function usageErrorOf(language: Language, program: Command, error: CommanderError): CompartidosError {
  const name = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const isCommand = error.code === 'commander.unknownCommand';
  if (isCommand && isForFolder(name))
    return new CompartidosError('USAGE', { message: translate(language, 'usage.for-folder', { name }) });
  const known = isCommand ? (commandOfWord(name) ?? calledElsewhere(name)) : undefined;
  const suggested = known
    ? [NAMES_HERE[known] ?? known]
    : /Did you mean (?:one of )?(.*)\?\)/.exec(error.message)?.[1]?.split(', ');
  const nearest =
    suggested && [...new Set(suggested.map((word) => shownWord(program, word, language)))].join(', ');
  const sentence = SENTENCES[error.code];
  if (sentence === undefined) return new CompartidosError('USAGE', { message: error.message });
  const key = nearest === undefined ? sentence : `${sentence}-near`;
  return new CompartidosError('USAGE', { message: translate(language, key, { name, nearest }) });
}
