import type { CommanderError } from 'commander';
import { CompartidosError } from '../core/errors.ts';
import { translate, type Language } from '../language/translate.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'usage.unknown-option',
  'commander.unknownCommand': 'usage.unknown-command',
  'commander.missingArgument': 'usage.missing-argument',
  'commander.optionMissingArgument': 'usage.missing-value',
  'commander.excessArguments': 'usage.excess-arguments',
};

/** What commander found wrong, in the user's language. */
export function usageErrorOf(language: Language, error: CommanderError): CompartidosError {
  const name = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const nearest = /Did you mean (?:one of )?(.*)\?\)/.exec(error.message)?.[1];
  const sentence = SENTENCES[error.code];
  if (sentence === undefined) return new CompartidosError('USAGE', { message: error.message });
  const key = nearest === undefined ? sentence : `${sentence}-near`;
  return new CompartidosError('USAGE', { message: translate(language, key, { name, nearest }) });
}
