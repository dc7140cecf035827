const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Emoji and the scripts of East Asia that terminals draw two columns wide (UAX #11, classes W and F, in outline). */
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
/** Characters that are a grapheme of one column each beside each other: the segmenter takes 10 µs for each. */
const NARROW =
  /^[\x20-\x7e\xa0-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2580-\u259f]*$/;

/** Columns that `text`, which must be printable, takes on a terminal. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** `text` in at most `columns`, with `…` where its end is cut off. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  return columns < 1 ? '' : `${beginning(text, columns - 1)}…`;
}

/** The same with `…` in the middle, nearer to the beginning: paths and names differ at their ends. */
export function fitMiddle(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 1) return '';
  const before = beginning(text, Math.floor((columns - 1) / 3));
  return `${before}…${end(text, columns - 1 - textWidth(before))}`;
}

/** `text` as lines of at most `columns`, broken at spaces; what has none stays whole, so that it can be copied. */
export function wrapText(text: string, columns: number): string[] {
  if (textWidth(text) <= columns) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const longer = `${line} ${word}`;
    if (line !== undefined && textWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** `text` with spaces up to `columns`, behind it or before it. */
export function padText(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, columns - textWidth(text)));
  return align === 'left' ? text + spaces : spaces + text;
}

/** As much of the beginning of `text` as fits into `columns`. */
function beginning(text: string, columns: number): string {
  if (NARROW.test(text)) return text.slice(0, columns);
  return fitting(graphemesOf(text), columns).join('');
}

function end(text: string, columns: number): string {
  if (NARROW.test(text)) return columns === 0 ? '' : text.slice(-columns);
  return fitting(graphemesOf(text).reverse(), columns).reverse().join('');
}

function fitting(graphemes: readonly string[], columns: number): string[] {
  let width = 0;
  const tooMany = graphemes.findIndex((grapheme) => (width += graphemeWidth(grapheme)) > columns);
  return graphemes.slice(0, tooMany < 0 ? graphemes.length : tooMany);
}

function graphemesOf(text: string): string[] {
  return Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return /^\p{M}+$/u.test(grapheme) ? 0 : 1;
}
