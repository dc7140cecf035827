import { nearestWord } from '../language/nearest-word.ts';
import { COMMAND_WORDS, commandOfWord, type CommandName } from './command-words.ts';

/** What other programs call what a command does. */
const WORDS_ELSEWHERE: Partial<Record<CommandName, readonly string[]>> = {
  status: ['info', 'stat'],
  peers: ['computers', 'devices', 'hosts', 'nodes', 'who', 'computadoras', 'dispositivos', 'nodos'],
  list: ['dir', 'list', 'lista'],
  find: ['grep', 'locate', 'search', 'encontrar'],
  get: ['copy', 'cp', 'download', 'fetch', 'wget', 'copiar', 'obtener', 'traer'],
  queue: ['downloads', 'jobs', 'transfers', 'descargas', 'transferencias'],
  resume: ['continue', 'unpause', 'continuar', 'seguir'],
  cancel: ['abort', 'kill', 'abortar', 'anular'],
  trash: ['bin', 'basura'],
  restore: ['recover', 'undelete', 'recuperar'],
  check: ['scrub', 'verify', 'revisar', 'verificar'],
  help: ['man'],
  quit: ['bye', 'close', 'logout', 'stop', 'cerrar', 'detener', 'parar', 'terminar'],
};

/** What no command does, since it is done in the shared folder. */
const WORDS_FOR_FOLDER: ReadonlySet<string> = new Set([
  ...['del', 'delete', 'remove', 'rm', 'borrar', 'eliminar', 'quitar'],
  ...['add', 'put', 'share', 'upload', 'agregar', 'compartir', 'subir'],
]);

const NAMES = Object.keys(COMMAND_WORDS) as CommandName[];

/**
 * The commands that a person who typed `word` may have meant: the one that is called so elsewhere, else those whose words
 * begin so, else the one whose word is near.
 */
export function suggestCommands(word: string): readonly CommandName[] {
  const typed = word.toLowerCase();
  const elsewhere = calledElsewhere(typed);
  if (elsewhere) return [elsewhere];
  const begun = NAMES.filter((name) => COMMAND_WORDS[name].some((each) => each.startsWith(typed)));
  if (begun.length > 0) return begun;
  const nearest = nearestWord(
    typed,
    [COMMAND_WORDS, WORDS_ELSEWHERE].flatMap((words) => Object.values(words).flat()),
  );
  const meant = nearest && (commandOfWord(nearest) ?? calledElsewhere(nearest));
  return meant ? [meant] : [];
}

/** Whether `word` asks for what a person does in the shared folder, without any command. */
export function isForFolder(word: string): boolean {
  return WORDS_FOR_FOLDER.has(word.toLowerCase());
}

/** The command that is called `word` in other programs. */
export function calledElsewhere(word: string): CommandName | undefined {
  const lower = word.toLowerCase();
  return NAMES.find((name) => WORDS_ELSEWHERE[name]?.includes(lower));
}
