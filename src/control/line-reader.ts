import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of bytes into lines of UTF-8, none longer than a limit. */
export class LineReader {
  readonly #limit: number;
  readonly #decoder = new StringDecoder('utf8');
  #parts: string[] = [];
  #length = 0;

  /** `limit` in UTF-16 code units. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that `chunk` completes, without their ends; undefined when one is beyond the limit. */
  read(chunk: Uint8Array): string[] | undefined {
    const pieces = this.#decoder
      .write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      .split('\n');
    const lines: string[] = [];
    for (const [index, piece] of pieces.entries()) {
      this.#length += piece.length;
      if (this.#length > this.#limit) return undefined;
      this.#parts.push(piece);
      if (index === pieces.length - 1) break;
      lines.push(this.#parts.join(''));
      this.#parts = [];
      this.#length = 0;
    }
    return lines;
  }
}
