import { textWidth } from '../../src/language/text-width.ts';

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A terminal of fixed width that understands what the screen writes, and throws at anything else. */
export class TerminalEmulator {
  readonly columns: number;
  readonly rows: number;
  /** How often it was written to. */
  writes = 0;
  #lines: string[][] = [[]];
  #row = 0;
  #column = 0;
  #incomplete = '';

  constructor(columns = 80, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  /** All lines since the beginning, scrolled away or not, without the empty ones at the end. */
  get lines(): string[] {
    const lines = this.#lines.map((cells) => cells.join('').trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  write(text: string): void {
    this.writes += 1;
    let rest = this.#incomplete + text;
    this.#incomplete = '';
    while (rest !== '') {
      // A sequence may arrive in pieces.
      if (/^\u001b(\[\??\d*)?$/.test(rest)) {
        this.#incomplete = rest;
        return;
      }
      const control = /^\u001b\[(\??\d*)([A-Za-z])/.exec(rest);
      if (control) {
        this.#control(control[2]!, control[1]!);
        rest = rest.slice(control[0].length);
        continue;
      }
      const [first] = GRAPHEMES.segment(rest);
      this.#put(first!.segment);
      rest = rest.slice(first!.segment.length);
    }
  }

  #control(command: string, argument: string): void {
    const count = Number(argument || 1);
    if (command === 'A') this.#row = Math.max(0, this.#row - count);
    else if (command === 'C') this.#column = Math.min(this.columns - 1, this.#column + count);
    else if (command === 'J' && argument === '') this.#clearBelow();
    else if (command === 'J' && argument === '2') this.#lines = [[]];
    else if (command === 'H') [this.#row, this.#column] = [0, 0];
    else throw new Error(`ESC[${argument}${command}`);
  }

  #clearBelow(): void {
    this.#lines.length = this.#row + 1;
    this.#lines[this.#row] = (this.#lines[this.#row] ?? []).slice(0, this.#column);
  }

  #put(grapheme: string): void {
    if (grapheme === '\r\n') {
      this.#column = 0;
      this.#newRow();
    } else if (grapheme === '\r') this.#column = 0;
    else if (grapheme === '\n') this.#newRow();
    else if (/\p{Cc}/u.test(grapheme)) throw new Error(`control character ${JSON.stringify(grapheme)}`);
    else this.#draw(grapheme);
  }

  #draw(grapheme: string): void {
    const width = textWidth(grapheme);
    if (this.#column + width > this.columns) {
      this.#column = 0;
      this.#newRow();
    }
    const line = this.#lines[this.#row]!;
    while (line.length < this.#column) line.push(' ');
    line[this.#column] = grapheme;
    for (let more = 1; more < width; more += 1) line[this.#column + more] = '';
    this.#column += width;
  }

  #newRow(): void {
    this.#row += 1;
    while (this.#lines.length <= this.#row) this.#lines.push([]);
  }
}
