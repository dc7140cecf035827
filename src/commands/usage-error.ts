import type { Command, CommanderError } from 'commander';
import { CompartidosError } from '../core/errors.ts';
import { translate, type Language } from '../language/translate.ts';
import { shownWord } from './program.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'usage.unknown-option',
  'commander.unknownCommand': 'usage.unknown-command',
  'commander.missingArgument': 'usage.missing-argument',
  'commander.optionMissingArgument': 'usage.missing-value',
  'commander.excessArguments': 'usage.excess-arguments',
};

/** What commander found wrong in a command line of `program`, in the user's language. */
export function usageErrorOf(language: Language, program: Command, error: CommanderError): CompartidosError {
  const name = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const suggested = /Did you mean (?:one of )?(.*)\?\)/.exec(error.message)?.[1]?.split(', ');
  const nearest =
    suggested && [...new Set(suggested.map((word) => shownWord(program, word, language)))].join(', ');
  const sentence = SENTENCES[error.code];
  if (sentence === undefined) return new CompartidosError('USAGE', { message: error.message });
  const key = nearest === undefined ? sentence : `${sentence}-near`;
  return new CompartidosError('USAGE', { message: translate(language, key, { name, nearest }) });
}
