import { printable } from './printable.ts';
import { formatNumber, formatSize } from './quantities.ts';
import { english, type SentenceKey } from './english.ts';
import type { Language } from './languages.ts';
import { spanish } from './spanish.ts';

export type { Language };

/** What fills the `{placeholders}` of a sentence. */
export type Fillings = Readonly<Record<string, string | number | boolean | null | undefined>>;

const SENTENCES: Readonly<Record<Language, Readonly<Record<SentenceKey, string>>>> = {
  en: english,
  es: spanish,
};

/**
 * The sentence `key` in `language`, safe to be shown on a terminal whatever fills it in. A key without a sentence is
 * shown with its fillings, and a placeholder that nothing is given for as it is, so that nothing is lost. Of
 * `{count|file|files}` the first is said where `count` is one.
 */
export function translate(language: Language, key: string, fillings: Fillings = {}): string {
  if (!isSentence(key)) {
    const said = Object.entries(fillings).map(([name, value]) => `${name}=${String(value)}`);
    return printable([key, ...said].join(' '));
  }
  const valueOf = (name: string) => {
    const value = Object.hasOwn(fillings, name) ? fillings[name] : undefined;
    if (typeof value !== 'number') return String(value ?? '');
    if (SIZES.has(name)) return formatSize(language, value);
    return COUNTS.has(name) ? formatNumber(language, value) : String(value);
  };
  const numbered = SENTENCES[language][key].replace(
    NUMBER_FORMS,
    (_, name: string, one: string, more: string) => (valueOf(name) === '1' ? one : more),
  );
  const sentence = numbered.replace(OPTIONAL_PART, (_, part: string) => {
    const isKnown = [...part.matchAll(PLACEHOLDER)].every(([, name]) => valueOf(name!) !== '');
    return isKnown ? part : '';
  });
  return sentence.replace(PLACEHOLDER, (placeholder, name: string, stop: string) => {
    if (!Object.hasOwn(fillings, name)) return placeholder;
    const value = valueOf(name);
    const kind = Object.hasOwn(PHRASES, name) ? PHRASES[name] : undefined;
    const phrase = kind === undefined ? undefined : phraseFor(kind, value);
    const said =
      phrase === undefined ? printable(value) : translate(language, phrase, { ...fillings, [name]: '' });
    // What the system or a library says may be a whole sentence.
    return said.endsWith('.') ? said : said + stop;
  });
}

/** Of a placeholder, and the full stop after it. */
const PLACEHOLDER = /\{(\w+)\}(\.?)/g;
/** What is said of one, and of any other number. */
const NUMBER_FORMS = /\{(\w+)\|([^{|}]*)\|([^{|}]*)\}/g;
/** A part in brackets that is left out when one of its placeholders has nothing to fill it in. */
const OPTIONAL_PART = /\[([^[\]]*\{\w+\}[^[\]]*)\]/g;

/** Placeholders whose numbers are bytes. */
const SIZES: ReadonlySet<string> = new Set(['needed', 'free', 'kept', 'bytes', 'allowed']);
/** Placeholders whose numbers count something: others name it, as a port does. */
const COUNTS: ReadonlySet<string> = new Set([
  'cancelled',
  'count',
  'done',
  'failed',
  'files',
  'limit',
  'reading',
]);

/**
 * Placeholders whose values may be names of phrases, and what those begin with: `reason: 'nul'` is said with the sentence
 * `reason.nul`. Where a sentence is about something else, the code of an error is a reason in it.
 */
const PHRASES: Readonly<Record<string, string>> = {
  code: 'reason',
  detail: 'detail',
  error: 'error',
  expected: 'expected',
  look: 'look',
  problem: 'problem',
  reason: 'reason',
  what: 'what',
};

const MAX_PHRASE_NAME = 80;

/**
 * The sentence for a value, or for the part of it behind the last dots: `goodbye.idle` is an `idle`. Else for what is
 * before them: `own.protocol-error.hello` is an `own.protocol-error`.
 */
function phraseFor(kind: string, value: string): SentenceKey | undefined {
  if (value.length > MAX_PHRASE_NAME) return undefined;
  const parts = value.split('.');
  for (let end = parts.length; end > 0; end -= 1) {
    for (let start = 0; start < end; start += 1) {
      const key = `${kind}.${parts.slice(start, end).join('.')}`;
      if (isSentence(key)) return key;
    }
  }
  return undefined;
}

/** Whether there is a sentence for `key`. */
export function isSentence(key: string): key is SentenceKey {
  return Object.hasOwn(english, key);
}

/** The language of a locale such as `es_AR.UTF-8`; English unless it is Spanish. */
export function languageOfLocale(locale: string | undefined): Language {
  return locale?.toLowerCase().startsWith('es') ? 'es' : 'en';
}
