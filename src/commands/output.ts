import { CompartidosError, systemErrorCode } from '../core/errors.ts';

/** Lines to one of the standard streams. A reader that goes away (`| head`) is no error: the rest is not written. */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #written: Promise<void> = Promise.resolve();
  #failure: string | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on('error', (error: Error) => this.#noteFailure(error));
  }

  /**
   * Resolves when all has left.
   * @throws OUTPUT_FAILED when something could not be written, although the reader is there
   */
  async finish(): Promise<void> {
    await this.#written;
    if (this.#failure === undefined || this.#failure === 'EPIPE') return;
    // A terminal that was closed is a reader that went away, too.
    if (this.#failure === 'EIO' && this.isTerminal) return;
    throw new CompartidosError('OUTPUT_FAILED', { reason: this.#failure });
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY;
  }

  /** Columns of the terminal, or undefined when it is none. */
  get width(): number | undefined {
    return this.isTerminal ? this.#stream.columns : undefined;
  }

  /** Resolves when the lines have left. */
  async lines(lines: readonly string[]): Promise<void> {
    await this.text(lines.map((line) => `${line}\n`).join(''));
  }

  /** A value as indented JSON. Nothing in it can move a terminal's cursor: JSON can escape any character. */
  async json(value: unknown): Promise<void> {
    const text = JSON.stringify(value, null, 2).replace(/[\p{Cf}\p{Zl}\p{Zp}\x7f-\x9f]/gu, (character) =>
      Array.from(
        { length: character.length },
        (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
      ).join(''),
    );
    await this.text(`${text}\n`);
  }

  async text(text: string): Promise<void> {
    if (this.#failure !== undefined || text === '') return;
    this.#written = new Promise((resolve) => {
      this.#stream.write(text, (error) => {
        if (error) this.#noteFailure(error);
        resolve();
      });
    });
    await this.#written;
  }

  #noteFailure(error: Error): void {
    this.#failure ??= systemErrorCode(error) ?? 'EIO';
  }
}
