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

export interface CommandSurroundings {
  readonly language: Language;
  readonly out: Output;
  readonly errors: Output;
}

/** A command whose help is in the user's language, and which throws CommanderError where it would end the process. */
export function translatedCommand(name: string, surroundings: CommandSurroundings): Command {
  const { language, out, errors } = surroundings;
  const say = (key: string) => translate(language, key);
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
      styleTitle: (title: string) => say(TITLES[title] ?? title),
    } satisfies Partial<Help>);
}
