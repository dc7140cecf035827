import { padText, textWidth } from '../language/text-width.ts';
import { translate, type Language } from '../language/translate.ts';
import { COMMAND_WORDS, wordOf, type CommandName } from './prompt-command.ts';

/** What the commands take after their word, where they take something. */
const TAKES: ReadonlySet<CommandName> = new Set([
  'list',
  'find',
  'get',
  'pause',
  'resume',
  'cancel',
  'resolve',
  'restore',
]);

/** The commands with what they take, in the words of the language. */
export function helpLines(language: Language): string[] {
  const names = Object.keys(COMMAND_WORDS) as CommandName[];
  const rows = names.map((name): [syntax: string, about: string] => {
    const word = wordOf(name, language);
    const takes = TAKES.has(name) ? ` ${translate(language, `prompt-takes.${name}`)}` : '';
    return [word + takes, translate(language, `prompt-about.${name}`)];
  });
  const width = Math.max(...rows.map(([syntax]) => textWidth(syntax)));
  return rows
    .map(([syntax, about]) => `  ${padText(syntax, width)}  ${about}`)
    .concat('', translate(language, 'prompt.help-footer'));
}
