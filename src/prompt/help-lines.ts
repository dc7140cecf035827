import { translate, type Language } from '../language/translate.ts';
import { pairLines } from '../views/pair-lines.ts';
import { COMMAND_WORDS, wordOf, type CommandName } from './command-words.ts';

/** The commands that take something after their word. */
const TAKES: ReadonlySet<CommandName> = new Set([
  'list',
  'find',
  'get',
  'pause',
  'resume',
  'cancel',
  'resolve',
  'restore',
  'help',
]);

/** The commands with what they take, in the words of the language. */
export function helpLines(language: Language, width: number): string[] {
  const names = Object.keys(COMMAND_WORDS) as CommandName[];
  const rows = names.map(
    (name) =>
      [`  ${followed(language, name, 'prompt-takes')}`, translate(language, `prompt-about.${name}`)] as const,
  );
  return [...pairLines(rows, width), '', translate(language, 'prompt.help-footer')];
}

/** What one command takes and does, and an example of it. */
export function commandHelpLines(language: Language, name: CommandName): string[] {
  return [
    followed(language, name, 'prompt-takes'),
    `  ${translate(language, `prompt-about.${name}`)}`,
    `  ${translate(language, 'prompt.example', { example: exampleOf(language, name) })}`,
  ];
}

/** A line that could be typed. */
export function exampleOf(language: Language, name: CommandName): string {
  return followed(language, name, 'prompt-example');
}

function followed(language: Language, name: CommandName, by: 'prompt-takes' | 'prompt-example'): string {
  const word = wordOf(name, language);
  return TAKES.has(name) ? `${word} ${translate(language, `${by}.${name}`)}` : word;
}
