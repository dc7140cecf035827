import { commandOfWord, FROM_WORDS, sideOfWord, type CommandName } from './command-words.ts';
import { quoteWord, splitWords, type Word } from './split-words.ts';
import { isForFolder, suggestCommands } from './suggest-commands.ts';

/** Something chosen from a list: by its number, counted from 1, or by name. */
export type Item = { readonly number: number } | { readonly name: string };

export interface NameReading {
  readonly name: string;
  readonly from: string | undefined;
}

export type PromptCommand =
  | {
      readonly type:
        'nothing' | 'status' | 'peers' | 'queue' | 'conflicts' | 'trash' | 'check' | 'rules' | 'quit';
    }
  | { readonly type: 'help'; readonly about?: CommandName }
  | { readonly type: 'list'; readonly glob: string | undefined }
  | { readonly type: 'find'; readonly query: string }
  | {
      readonly type: 'get';
      readonly items: readonly Item[];
      readonly from: string | undefined;
      /** What else several words without quotes may be: one name with spaces, first without what may be a device. */
      readonly readings?: readonly NameReading[];
      /** The last word, if a device should follow it: when nothing is called so, that is what is missing. */
      readonly lacksDevice?: string;
    }
  | {
      readonly type: 'pause' | 'resume' | 'cancel' | 'restore';
      readonly items: readonly Item[];
      /** What several words without quotes may be as well: one name with spaces. */
      readonly whole?: string;
    }
  | { readonly type: 'resolve'; readonly item: Item; readonly keep: 'ours' | 'theirs' }
  | Mistake;

/** What cannot be understood: a sentence of `language/` and what fills it in. */
export interface Mistake {
  readonly type: 'mistake';
  readonly sentence: string;
  readonly name: string;
  /** The command that an example is to be given of. */
  readonly about?: CommandName;
  /** Commands that may have been meant. */
  readonly nearest?: readonly CommandName[];
}

const NEED_MORE: ReadonlySet<CommandName> = new Set(['get', 'resolve', 'restore']);

/** How the shell is told the device, which may be in the same word. */
const FROM_OPTION = /^--?(?:from|desde|de)(?:=(.*))?$/i;
/** Longer lists of numbers are refused. */
const MAX_ITEMS = 10_000;

/** What a line asks for. Any line gives a command; one that makes no sense a `mistake`. */
export function parseCommand(line: string): PromptCommand {
  const [first, ...rest] = splitWords(line);
  if (!first?.text) return { type: 'nothing' };
  const name = commandOfWord(first.text);
  if (!name) return unknownCommand(first.text);
  if (rest.length === 0 && NEED_MORE.has(name))
    return { ...mistake('usage.missing-more', first.text), about: name };
  switch (name) {
    case 'list':
      return { type: 'list', glob: rest.length === 0 ? undefined : joined(rest) };
    case 'find':
      return { type: 'find', query: joined(rest) };
    case 'get':
      return parseGet(rest, line);
    case 'pause':
    case 'resume':
    case 'cancel':
    case 'restore': {
      const whole = oneName(rest, line);
      return withItems(rest, (items) => ({ type: name, items, ...(whole === undefined ? {} : { whole }) }));
    }
    case 'resolve':
      return parseResolve(rest, line);
    case 'help':
      return rest[0] ? parseHelp(rest[0].text) : { type: 'help' };
    default:
      return { type: name };
  }
}

function parseHelp(word: string): PromptCommand {
  const about = commandOfWord(word);
  return about ? { type: 'help', about } : unknownCommand(word);
}

function unknownCommand(name: string): PromptCommand {
  if (isForFolder(name)) return mistake('usage.for-folder', name);
  const nearest = suggestCommands(name);
  if (nearest.length === 0) return mistake('usage.unknown-command', name);
  return { ...mistake('usage.unknown-command-near', name), nearest };
}

function parseGet(words: readonly Word[], line: string): PromptCommand {
  const option = words.findIndex(({ text, quoted }) => !quoted && FROM_OPTION.test(text));
  if (option >= 0) return fromOption(words[option]!.text, words[option + 1]?.text);
  const marker = words.at(-2);
  const isFrom = words.length > 2 && marker && isFromWord(marker);
  const last = words.at(-1)!;
  const lacksDevice = words.length > 1 && isFromWord(last) ? { lacksDevice: last.text } : {};
  const chosen = isFrom ? words.slice(0, -2) : words;
  const from = isFrom ? words.at(-1)!.text : undefined;
  const readings: NameReading[] = [];
  const before = isFrom ? oneName(chosen, line.slice(0, marker.start)) : undefined;
  if (before !== undefined) readings.push({ name: before, from });
  const whole = oneName(words, line);
  if (whole !== undefined) readings.push({ name: whole, from: undefined });
  return withItems(chosen, (items) => {
    const mayBeOne = readings.length > 0 && items.some((item) => 'name' in item);
    return { type: 'get', items, from, ...(mayBeOne ? { readings } : {}), ...lacksDevice };
  });
}

function isFromWord({ text, quoted }: Word): boolean {
  return !quoted && FROM_WORDS.includes(text.toLowerCase());
}

/** What the shell has an option for. */
function fromOption(option: string, next: string | undefined): PromptCommand {
  const device = FROM_OPTION.exec(option)?.[1] ?? next;
  return device ? mistake('usage.from-as-word', quoteWord(device)) : missingDevice(option);
}

/** Nothing follows `word`, which a device should follow. */
export function missingDevice(word: string): Mistake {
  return { ...mistake('usage.missing-device', word), about: 'get' };
}

/** Several words without quotes, with which `line` ends, as one name with spaces. */
function oneName(words: readonly Word[], line: string): string | undefined {
  const isBare = words.every(({ quoted }) => !quoted);
  return isBare && words.length > 1 ? line.slice(words[0]!.start).trim() : undefined;
}

function parseResolve(words: readonly Word[], line: string): PromptCommand {
  const keep = words.at(-1)!;
  const side = sideOfWord(keep.text);
  const which = words.slice(0, -1);
  const name = oneName(which, line.slice(0, keep.start));
  if (side && name !== undefined) return { type: 'resolve', item: { name }, keep: side };
  if (which.length !== 1 || !side) return mistake('usage.bad-keep', keep.text);
  return withItems(which, ([item]) => ({ type: 'resolve', item: item!, keep: side }));
}

function withItems(words: readonly Word[], make: (items: readonly Item[]) => PromptCommand): PromptCommand {
  const items: Item[] = [];
  for (const word of words) {
    const numbers = word.quoted ? undefined : readNumbers(word.text);
    if (numbers === 'too-many') return mistake('usage.too-many-numbers', word.text);
    if (numbers) items.push(...numbers.map((number) => ({ number })));
    else items.push({ name: word.text });
    if (items.length > MAX_ITEMS) return mistake('usage.too-many-numbers', word.text);
  }
  return make(items);
}

/** `3`, `1-4`, `1-4,7`; undefined when it is something else. */
function readNumbers(text: string): number[] | 'too-many' | undefined {
  if (!/^\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*$/.test(text)) return undefined;
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const [first = 0, last = first] = part.split('-').map(Number);
    if (Math.abs(last - first) + numbers.length >= MAX_ITEMS) return 'too-many';
    const step = last < first ? -1 : 1;
    for (let number = first; number !== last + step; number += step) numbers.push(number);
  }
  return numbers;
}

function joined(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ');
}

function mistake(sentence: string, name: string) {
  return { type: 'mistake', sentence, name } as const;
}
