import { translate, type Language } from '../language/translate.ts';
import { pairLines } from '../views/pair-lines.ts';
import { COMMAND_WORDS, wordOf, type CommandName } from './command-words.ts';

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
export function helpLines(language: Language, width: number): string[] {
  const names = Object.keys(COMMAND_WORDS) as CommandName[];
  const rows = names.map((name) => {
    const takes = TAKES.has(name) ? ` ${translate(language, `prompt-takes.${name}`)}` : '';
    return [`  ${wordOf(name, language)}${takes}`, translate(language, `prompt-about.${name}`)] as const;
  });
  return [...pairLines(rows, width), '', translate(language, 'prompt.help-footer')];
}
