/** Accents of Latin, Greek and Cyrillic letters; marks of other scripts are letters of their own. */
const ACCENTS = /[\u0300-\u036f]/g;
const BEYOND_ASCII = /[^\0-\x7f]/;

/**
 * What is compared in a search: `text` without accents and without regard to case. Folding a text that was joined
 * from others by `/` or a backslash is the same as joining them folded. No capital of A to Z is left.
 */
export function fold(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  return (
    text
      .normalize('NFD')
      .replace(ACCENTS, '')
      .normalize('NFC')
      .toLowerCase()
      // What lower case adds: the dot of a Turkish capital I.
      .replace(ACCENTS, '')
      // A sigma at the end of a word is another character, and a part of a word may end anywhere.
      .replaceAll('ς', 'σ')
  );
}
