import type { Language } from '../language/translate.ts';

/** The words for each command, those of both languages; the first of each language is the one that help shows. */
export const COMMAND_WORDS = {
  status: ['status', 'estado'],
  peers: ['peers', 'pares', 'equipos'],
  list: ['ls', 'listar'],
  find: ['find', 'buscar'],
  get: ['get', 'bajar', 'descargar'],
  queue: ['queue', 'cola'],
  pause: ['pause', 'pausar'],
  resume: ['resume', 'reanudar'],
  cancel: ['cancel', 'cancelar'],
  conflicts: ['conflicts', 'conflictos'],
  resolve: ['resolve', 'resolver'],
  trash: ['trash', 'papelera'],
  restore: ['restore', 'restaurar'],
  check: ['check', 'comprobar'],
  rules: ['rules', 'reglas'],
  help: ['help', 'ayuda', '?'],
  quit: ['quit', 'salir', 'exit'],
} as const satisfies Record<string, readonly [english: string, spanish: string, ...others: string[]]>;

export type CommandName = keyof typeof COMMAND_WORDS;

/** Words before the device that files are to come from. */
export const FROM_WORDS: readonly string[] = ['from', 'de', 'desde'];
/** The words for what `resolve` keeps, by language. */
export const SIDE_WORDS = {
  en: { ours: 'ours', theirs: 'theirs' },
  es: { ours: 'nuestro', theirs: 'suyo' },
} as const;

/** The command that a word of either language names. */
export function commandOfWord(word: string): CommandName | undefined {
  const lower = word.toLowerCase();
  const names = Object.keys(COMMAND_WORDS) as CommandName[];
  return names.find((name) => (COMMAND_WORDS[name] as readonly string[]).includes(lower));
}

/** The word for a command that help shows in `language`. */
export function wordOf(name: CommandName, language: Language): string {
  return COMMAND_WORDS[name][language === 'en' ? 0 : 1];
}

/** What of a conflict a word of either language says to keep. */
export function sideOfWord(word: string): 'ours' | 'theirs' | undefined {
  const lower = word.toLowerCase();
  const sides = ['ours', 'theirs'] as const;
  return sides.find((side) => Object.values(SIDE_WORDS).some((words) => words[side] === lower));
}
