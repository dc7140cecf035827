import { printable } from '../language/printable.ts';
import type { Language } from '../language/translate.ts';
import {
  COMMAND_WORDS,
  commandOfWord,
  FROM_WORDS,
  SIDE_WORDS,
  wordOf,
  type CommandName,
} from './command-words.ts';
import { quoteWord, splitWords } from './split-words.ts';

/** What names could be meant at the end of a line. */
export interface Completions {
  /** Each could stand in the place of `typed`, the end of the line; all of them, lest `completed` promise too much. */
  readonly hits: readonly string[];
  readonly typed: string;
  /** What does: all that the hits have in common, and never less than was typed. */
  readonly completed: string;
}

export interface CompletionSources {
  /** Names of files that begin with `prefix`: of the network for `get`, ours for `list`. */
  files(prefix: string, where: 'network' | 'local'): Promise<readonly string[]>;
  peers(): Promise<readonly string[]>;
  downloads(): Promise<readonly string[]>;
  conflicts(): Promise<readonly string[]>;
  trash(): Promise<readonly string[]>;
}

/** Completes the last word of `line`, which is what stands before the cursor. */
export async function completeLine(
  line: string,
  language: Language,
  sources: CompletionSources,
): Promise<Completions> {
  const words = splitWords(line);
  const last = words.at(-1);
  const open = last !== undefined && endsInside(line, last.start);
  const prefix = open ? last.text : '';
  const typed = open ? line.slice(last.start) : '';
  const before = open ? words.slice(0, -1) : words;
  const [first] = before;
  if (!first) return completions(typed, prefix, commandWords(prefix, language), (word) => word);
  const name = commandOfWord(first.text);
  const names = name
    ? await candidates(name, before.length, prefix, before.at(-1)!.text, language, sources)
    : [];
  const matching = [...new Set(names)]
    .filter((each) => startsWith(each, prefix) && printable(each) === each)
    .sort();
  const always = open && last.quoted;
  const quoted = always || matching.some((each) => quoteWord(each) !== each);
  return completions(typed, prefix, matching, (name) => quoteWord(name, quoted));
}

function completions(
  typed: string,
  prefix: string,
  words: readonly string[],
  write: (word: string) => string,
): Completions {
  const hits = words.map(write);
  if (hits.length === 1) return { hits, typed, completed: `${hits[0]} ` };
  // Hits are found whatever their case, in which they may differ before the end of what was typed.
  const isMore = commonPrefix(words).length >= prefix.length;
  const common = commonPrefix(hits);
  return { hits, typed, completed: isMore && common.length > typed.length ? common : typed };
}

function commonPrefix(texts: readonly string[]): string {
  let prefix = texts[0] ?? '';
  for (const text of texts) while (!text.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}

/** Whether the cursor is still within the word that begins at `start`. */
function endsInside(line: string, start: number): boolean {
  return splitWords(`${line.slice(start)}x`).length === 1;
}

function commandWords(prefix: string, language: Language): string[] {
  const names = Object.keys(COMMAND_WORDS) as CommandName[];
  const starting = (words: readonly string[]) => words.filter((each) => startsWith(each, prefix));
  const preferred = starting(names.map((name) => wordOf(name, language)));
  return preferred.length > 0 ? preferred : starting(Object.values(COMMAND_WORDS).flat());
}

async function candidates(
  name: CommandName,
  position: number,
  prefix: string,
  previous: string,
  language: Language,
  sources: CompletionSources,
): Promise<readonly string[]> {
  switch (name) {
    case 'get':
      if (position > 1 && FROM_WORDS.includes(previous.toLowerCase())) return sources.peers();
      return sources.files(prefix, 'network');
    case 'find':
      return sources.files(prefix, 'network');
    case 'list':
      return sources.files(prefix, 'local');
    case 'pause':
    case 'resume':
    case 'cancel':
      return sources.downloads();
    case 'resolve':
      return position === 1 ? sources.conflicts() : Object.values(SIDE_WORDS[language]);
    case 'restore':
      return sources.trash();
    case 'help':
      return position === 1 ? commandWords(prefix, language) : [];
    default:
      return [];
  }
}

function startsWith(text: string, prefix: string): boolean {
  return text.toLowerCase().startsWith(prefix.toLowerCase());
}
