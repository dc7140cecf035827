import { printable } from './printable.ts';
import { english, type SentenceKey } from './english.ts';
import { spanish } from './spanish.ts';

export type Language = 'en' | 'es';

/** What fills the `{placeholders}` of a sentence. */
export type Fillings = Readonly<Record<string, string | number | boolean | null | undefined>>;

const SENTENCES: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en: english, es: spanish };

/**
 * The sentence `key` in `language`, safe to be shown on a terminal whatever fills it in. A key without a sentence is
 * shown with its fillings, so that nothing is lost.
 */
export function translate(language: Language, key: string, fillings: Fillings = {}): string {
  const sentence = SENTENCES[language][key];
  if (sentence === undefined) {
    const said = Object.entries(fillings).map(([name, value]) => `${name}=${String(value)}`);
    return printable([key, ...said].join(' '));
  }
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => printable(String(fillings[name] ?? '')));
}

/** Whether there is a sentence for `key`. */
export function isSentence(key: string): key is SentenceKey {
  return Object.hasOwn(english, key);
}

/** The language of a locale such as `es_AR.UTF-8`; English unless it is Spanish. */
export function languageOfLocale(locale: string | undefined): Language {
  return locale?.toLowerCase().startsWith('es') ? 'es' : 'en';
}
