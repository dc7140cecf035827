import { Command, type Help } from 'commander';
import { translate, type Language } from '../language/translate.ts';
import type { Output } from './output.ts';

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': 'help.usage',
  'Arguments:': 'help.arguments',
  'Options:': 'help.options',
  'Global Options:': 'help.global-options',
  'Commands:': 'help.commands',
};

/** A syntax such as `--from <peer>`, with the words that stand for what is to be given in the user's language. */
export function translatedSyntax(language: Language, syntax: string): string {
  return syntax.replace(/(?<=[<[])[a-z]+/g, (word) => translate(language, `placeholder.${word}`));
}

export interface CommandSurroundings {
  readonly language: Language;
  readonly out: Output;
  readonly errors: Output;
}

/** A command whose help is in the user's language, and which throws CommanderError where it would end the process. */
export function translatedCommand(name: string, surroundings: CommandSurroundings): Command {
  const { language, out, errors } = surroundings;
  const say = (key: string) => translate(language, key);
  // What commander writes by itself.
  const own = (text: string) =>
    ['[options]', '[command]'].includes(text) ? translatedSyntax(language, text) : text;
  return new Command(name)
    .helpOption('-h, --help', say('option.help'))
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void out.text(text),
      writeErr: (text) => void errors.text(text),
      outputError: () => {},
      getOutHelpWidth: () => out.width ?? 100,
      getErrHelpWidth: () => errors.width ?? 100,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => say(TITLES[title] ?? title),
      styleOptionText: own,
      styleSubcommandText: own,
    } satisfies Partial<Help>);
}
