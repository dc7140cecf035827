/** A word of a line as it was typed, and what it says. */
export interface Word {
  readonly text: string;
  /** Where its first character stands in the line, quote included. */
  readonly start: number;
  /** Some of it was in quotes: then it is a name, whatever it looks like. */
  readonly quoted: boolean;
}

/**
 * The words of a line, which spaces separate. A word that begins with `"` or `'` goes on to the same quote; within
 * `"…"` a backslash keeps a `"` or a backslash after it, and stands for itself before anything else, as in paths of
 * Windows. A quote that is never closed reaches to the end of the line.
 */
export function splitWords(line: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(line[at])) at += 1;
    if (at >= line.length) return words;
    const start = at;
    const quote = line[at] === '"' || line[at] === "'" ? line[at] : undefined;
    let text = '';
    if (quote !== undefined) {
      for (at += 1; at < line.length && line[at] !== quote; at += 1) {
        if (quote === '"' && line[at] === '\\' && /["\\]/.test(line[at + 1] ?? '')) at += 1;
        text += line[at];
      }
      at += 1;
    }
    for (; at < line.length && !isSpace(line[at]); at += 1) text += line[at];
    words.push({ text, start, quoted: quote !== undefined });
  }
}

/** `text` as a word that `splitWords` reads back, in quotes when it needs them or `always`. */
export function quoteWord(text: string, always = false): string {
  const plain = text !== '' && !/[\s"']/.test(text) && !/^[\d,-]+$/.test(text);
  return plain && !always ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}
