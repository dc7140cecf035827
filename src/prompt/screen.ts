import { fitText, textWidth, wrapText } from '../language/text-width.ts';

/** What a screen draws on. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

/** The line being typed. */
export interface Input {
  readonly prompt: string;
  readonly text: string;
  /** Where the cursor stands in `text`, in UTF-16 code units. */
  readonly cursor: number;
}

const ESC = '\u001b[';
const CLEAR_BELOW = `${ESC}J`;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
/** Live lines beyond these are counted, not shown. */
const MAX_LIVE = 6;

/**
 * The bottom of a terminal: some lines that change (progress bars, what is being done), and the line being typed. What is
 * printed appears above and stays; nothing tears the line that is being typed. Every change is one write. All text must be
 * printable.
 */
export class Screen {
  readonly #terminal: Terminal;
  #live: readonly string[] = [];
  #note: string | undefined;
  #input: Input | undefined;
  /** Widths of the lines drawn above the cursor's, which a narrower terminal may have wrapped since. */
  #drawnAbove: number[] = [];
  #drawn = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get width(): number {
    return this.#terminal.columns || DEFAULT_COLUMNS;
  }

  /** Adds lines above the live ones; those that are longer than the terminal is wide go on after a space. */
  print(lines: readonly string[]): void {
    const rows = lines.flatMap((line) => wrapText(line, this.width));
    this.#draw(rows.map((row) => `${row}\r\n`).join(''));
  }

  /** Of more live lines than this, the last are counted instead of shown. */
  get mostLive(): number {
    return Math.max(1, Math.min(MAX_LIVE, (this.#terminal.rows || DEFAULT_ROWS) - 3));
  }

  /** Replaces the live lines. */
  setLive(lines: readonly string[]): void {
    if (lines.length === 0 && this.#live.length === 0) return;
    this.#live = lines;
    this.#draw('');
  }

  /** Replaces the line below the live ones that says what is being done; undefined takes it away. */
  setNote(note: string | undefined): void {
    if (note === this.#note) return;
    this.#note = note;
    this.#draw('');
  }

  /** Replaces the line being typed; undefined takes it away. */
  setInput(input: Input | undefined): void {
    this.#input = input;
    this.#draw('');
  }

  /** Wipes the whole terminal and begins at its top. */
  clear(): void {
    this.#terminal.write(`${ESC}H${ESC}2J`);
    this.#drawn = false;
    this.#draw('');
  }

  /** Draws again, as after the terminal has changed its size. */
  redraw(): void {
    this.#draw('');
  }

  /** Draws on the row of the cursor: what was drawn above it before is no longer there. */
  reappear(): void {
    this.#drawnAbove = [];
    this.#draw('');
  }

  #draw(printed: string): void {
    const live = this.#visibleLive();
    let text = this.#erase() + printed;
    for (const line of live) text += `${line}\r\n`;
    if (this.#input) text += this.#inputRow(this.#input);
    this.#drawnAbove = live.map(textWidth);
    this.#drawn = true;
    if (text !== '') this.#terminal.write(text);
  }

  /** Goes back to where the last drawing began, and clears what follows. */
  #erase(): string {
    if (!this.#drawn) return '';
    const rows = this.#drawnAbove.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / this.width)), 0);
    return `\r${rows > 0 ? `${ESC}${rows}A` : ''}${CLEAR_BELOW}`;
  }

  #visibleLive(): string[] {
    const all = this.#live.length;
    const shown = all > this.mostLive ? this.#live.slice(0, this.mostLive - 1) : this.#live;
    const lines = [...shown];
    if (shown.length < all) lines.push(`  … +${all - shown.length}`);
    if (this.#note !== undefined) lines.push(this.#note);
    return lines.map((line) => fitText(line, this.width - 1));
  }

  /** One row, scrolled sideways so that the cursor is always on it. */
  #inputRow({ prompt, text, cursor }: Input): string {
    const room = Math.max(4, this.width - textWidth(prompt) - 1);
    let start = 0;
    while (textWidth(text.slice(start, cursor)) > room - 1) start = nextGrapheme(text, start);
    const visible = fitText(text.slice(start), room);
    const column = textWidth(prompt) + textWidth(text.slice(start, cursor)) + 1;
    return `${prompt}${visible}\r${column > 1 ? `${ESC}${column - 1}C` : ''}`;
  }
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

function nextGrapheme(text: string, at: number): number {
  for (const { segment } of GRAPHEMES.segment(text.slice(at))) return at + segment.length;
  return text.length;
}
