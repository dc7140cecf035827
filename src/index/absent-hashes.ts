import { textOfBytes } from '../core/byte-text.ts';

/** Hashes of one generation: what has not been asked for during two of them is forgotten. */
const GENERATION = 8192;

/** Contents that were looked for lately and are not there: every new file is looked for more than once. */
export class AbsentHashes {
  #young = new Set<string>();
  #old = new Set<string>();

  has(hash: Uint8Array): boolean {
    const key = textOfBytes(hash);
    return this.#young.has(key) || this.#old.has(key);
  }

  add(hash: Uint8Array): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(textOfBytes(hash));
  }

  /** Such a content is there now. */
  delete(hash: Uint8Array): void {
    const key = textOfBytes(hash);
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
