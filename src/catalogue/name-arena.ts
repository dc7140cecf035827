const CHUNK_BYTES = 1024 * 1024;
/** Bytes of each chunk that say how rare a text is. */
const SAMPLE_BYTES = 2048;
const SEPARATOR = '\\';
const SEPARATOR_BYTE = 0x5c;
const LETTER_A = 0x41;
const LETTERS = 26;

/**
 * Folded paths with the rows that have them, in a few large buffers, to be searched at the speed of memory. A name
 * costs its own bytes and about six more.
 *
 * Each name is written as a backslash, its row in capital letters (base 26, the lowest digit first) and its text.
 * Neither a backslash nor a capital A to Z is in any folded path, so a text that is searched for can lie in the text
 * of a name only.
 */
export class NameArena {
  #chunks: { readonly bytes: Buffer; used: number }[] = [];
  #count = 0;

  /** How many names there are. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.#chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** @param names folded, one for each of `rows`. */
  add(rows: readonly number[], names: readonly string[]): void {
    let text = '';
    for (const [index, row] of rows.entries()) {
      text += SEPARATOR + digitsOf(row) + names[index]!;
      // A page of names may be larger than a chunk.
      if (text.length > CHUNK_BYTES / 8) {
        this.#append(text);
        text = '';
      }
    }
    if (text !== '') this.#append(text);
    this.#count += rows.length;
  }

  clear(): void {
    this.#chunks = [];
    this.#count = 0;
  }

  /**
   * The rows of the names that contain all of `texts` (folded) and that `test`, if any, accepts; those in each buffer
   * together. What is added or cleared after it has begun makes no difference.
   */
  *search(texts: readonly string[], test?: (name: string) => boolean): Generator<number[]> {
    if (texts.some((text) => text.includes(SEPARATOR))) return;
    const rarest = this.#rarest(texts);
    const others = texts.filter((text) => text !== rarest);
    const wanted = Buffer.from(rarest === '' ? SEPARATOR : rarest);
    const decides = test !== undefined || others.length > 0;
    const chunks = this.#chunks.map(({ bytes, used }) => bytes.subarray(0, used));
    for (const chunk of chunks) {
      const rows: number[] = [];
      for (let hit = chunk.indexOf(wanted); hit >= 0;) {
        let at = hit;
        while (chunk[at] !== SEPARATOR_BYTE) at -= 1;
        at += 1;
        let row = 0;
        for (let scale = 1; chunk[at]! - LETTER_A >= 0 && chunk[at]! - LETTER_A < LETTERS; scale *= LETTERS) {
          row += (chunk[at]! - LETTER_A) * scale;
          at += 1;
        }
        const next = chunk.indexOf(SEPARATOR_BYTE, at);
        const end = next < 0 ? chunk.length : next;
        const name = decides ? chunk.toString('utf8', at, end) : '';
        if (others.every((other) => name.includes(other)) && (!test || test(name))) rows.push(row);
        hit = next < 0 ? -1 : chunk.indexOf(wanted, next);
      }
      yield rows;
    }
  }

  /** The one of `texts` that occurs in the fewest names, judged by a sample; empty when there are none. */
  #rarest(texts: readonly string[]): string {
    if (texts.length <= 1) return texts[0] ?? '';
    const sample = this.#chunks
      .map(({ bytes, used }) => bytes.toString('utf8', 0, Math.min(used, SAMPLE_BYTES)))
      .join('');
    const counts = texts.map((text) => sample.split(text).length);
    return texts[counts.indexOf(Math.min(...counts))]!;
  }

  #append(text: string): void {
    const length = Buffer.byteLength(text);
    let chunk = this.#chunks.at(-1);
    if (!chunk || chunk.used + length > chunk.bytes.length) {
      chunk = { bytes: Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length)), used: 0 };
      this.#chunks.push(chunk);
    }
    chunk.used += chunk.bytes.write(text, chunk.used);
  }
}

function digitsOf(row: number): string {
  let digits = '';
  for (let rest = row; rest > 0; rest = Math.floor(rest / LETTERS)) {
    digits += String.fromCharCode(LETTER_A + (rest % LETTERS));
  }
  return digits;
}
