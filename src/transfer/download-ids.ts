import type { Random } from '../core/random.ts';

const ID_BYTES = 8;
/** Ids drawn together: asking the system for each costs more than queueing the download. */
const DRAWN = 128;

/** Draws ids of downloads: 16 hex digits each. */
export class DownloadIds {
  readonly #random: Random;
  #drawn = '';
  #at = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string {
    if (this.#at === this.#drawn.length) {
      this.#drawn = Buffer.from(this.#random.bytes(DRAWN * ID_BYTES)).toString('hex');
      this.#at = 0;
    }
    this.#at += 2 * ID_BYTES;
    return this.#drawn.slice(this.#at - 2 * ID_BYTES, this.#at);
  }
}
