import { printable } from '../language/printable.ts';
import type { Language } from '../language/translate.ts';
import { COMMAND_WORDS, commandOfWord, FROM_WORDS, type CommandName } from './prompt-command.ts';
import { quoteWord, splitWords } from './split-words.ts';

/** What names could be meant at the end of a line. */
export interface Completions {
  /** Each replaces `typed` at the end of the line. */
  readonly hits: readonly string[];
  readonly typed: string;
}

export interface CompletionSources {
  /** Names of files that begin with `prefix`: of the network for `get`, ours for `list`. */
  files(prefix: string, where: 'network' | 'local'): Promise<readonly string[]>;
  peers(): Promise<readonly string[]>;
  downloads(): Promise<readonly string[]>;
  conflicts(): Promise<readonly string[]>;
}

const MAX_HITS = 200;

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
  if (!first) return { hits: commandHits(prefix, language), typed };
  const name = commandOfWord(first.text);
  const names = name ? await candidates(name, before.length, prefix, before.at(-1)!.text, sources) : [];
  const matching = [...new Set(names)]
    .filter((each) => startsWith(each, prefix) && printable(each) === each)
    .sort()
    .slice(0, MAX_HITS);
  const always = open && last.quoted;
  const quoted = always || matching.some((each) => quoteWord(each) !== each);
  const hits = matching.map((each) => quoteWord(each, quoted));
  return { hits: hits.length === 1 ? [`${hits[0]} `] : hits, typed };
}

/** Whether the cursor is still within the word that begins at `start`. */
function endsInside(line: string, start: number): boolean {
  return splitWords(`${line.slice(start)}x`).length === 1;
}

function commandHits(prefix: string, language: Language): string[] {
  const words = Object.values(COMMAND_WORDS) as readonly (readonly string[])[];
  const preferred = words
    .map((each) => each[language === 'en' ? 0 : 1]!)
    .filter((each) => startsWith(each, prefix));
  const hits = preferred.length > 0 ? preferred : words.flat().filter((each) => startsWith(each, prefix));
  return hits.length === 1 ? [`${hits[0]} `] : hits;
}

async function candidates(
  name: CommandName,
  position: number,
  prefix: string,
  previous: string,
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
      return position === 1 ? sources.conflicts() : ['ours', 'theirs'];
    default:
      return [];
  }
}

function startsWith(text: string, prefix: string): boolean {
  return text.toLowerCase().startsWith(prefix.toLowerCase());
}
