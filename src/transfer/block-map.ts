/** Which of a file's blocks are there: one bit each, the lowest bit of the first byte first. */
export class BlockMap {
  readonly length: number;
  readonly #bits: Uint8Array;
  #count = 0;

  constructor(length: number) {
    this.length = length;
    this.#bits = new Uint8Array(Math.ceil(length / 8));
  }

  /** All of `length` blocks but `missing`. */
  static without(missing: readonly number[], length: number): BlockMap {
    const map = new BlockMap(length);
    for (let index = 0; index < length; index += 1) map.add(index);
    for (const index of missing) map.delete(index);
    return map;
  }

  /** Reads what `toBytes` wrote. Missing bits are 0, and bits beyond `length` are ignored (PROTOCOL.md, 4.8). */
  static fromBytes(bytes: Uint8Array, length: number): BlockMap {
    const map = new BlockMap(length);
    for (let index = 0; index < length; index += 1) {
      if ((bytes[index >> 3] ?? 0) & (1 << (index & 7))) map.add(index);
    }
    return map;
  }

  has(index: number): boolean {
    return index < this.length && (this.#bits[index >> 3]! & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    if (index >= this.length || this.has(index)) return;
    this.#bits[index >> 3]! |= 1 << (index & 7);
    this.#count += 1;
  }

  delete(index: number): void {
    if (!this.has(index)) return;
    this.#bits[index >> 3]! &= ~(1 << (index & 7));
    this.#count -= 1;
  }

  /** How many blocks are there. */
  get count(): number {
    return this.#count;
  }

  get complete(): boolean {
    return this.#count === this.length;
  }

  /** A copy. */
  toBytes(): Uint8Array {
    return this.#bits.slice();
  }
}
