import { fitText } from '../language/text-width.ts';
import type { Output } from './output.ts';

const CLEAR_LINE = '\r\u001b[K';

/** One line at the bottom of a terminal that is written anew again and again. Where there is no terminal there is none. */
export class ChangingLine {
  readonly #output: Output;
  #isShown = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** `text` must be printable. A line that went on in the next row could not be cleared. */
  show(text: string): void {
    const { isTerminal, width = Infinity } = this.#output;
    if (!isTerminal) return;
    this.#isShown = true;
    void this.#output.text(CLEAR_LINE + fitText(text, width - 1));
  }

  /** Shows `text` until `work` is done. */
  async during<Result>(text: string, work: Promise<Result>): Promise<Result> {
    this.show(text);
    return work.finally(() => this.clear());
  }

  clear(): void {
    if (this.#isShown) void this.#output.text(CLEAR_LINE);
    this.#isShown = false;
  }
}
