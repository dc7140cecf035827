import { blockCount, blockRange, blockSizeFor } from '../model/block-layout.ts';
import { isHashed } from '../model/file-entry.ts';
import { ANCHOR_BYTES, findAnchor, lastAnchor } from './anchor.ts';
import type { Anchor, Reach } from './anchor.ts';
import type { Filling, LocalBlocks } from './local-blocks.ts';

const MIB = 1024 * 1024;

/** How far from where it is expected an anchor is looked for; after each failure, four times as far. */
const FIRST_REACH_BYTES = 4 * MIB;
/** What may be searched through before anything is found. What is found pays for as much again. */
const CREDIT_BYTES = 256 * MIB;
/** Blocks fetched before it is looked again whether the older version goes on; begins with one and doubles. */
const MOST_AT_ONCE = 16;
/** Blocks that are not fetched before it is known that they cannot be found; more are fetched during the search. */
const MOST_TO_WAIT_WITH = 4;
/** Places with the bytes of an anchor that are tried. */
const MOST_CANDIDATES = 8;
/** Blocks that are read, checked and written at the same time. */
const AT_A_TIME = 4;

/**
 * Finds what insertions and removals of any size have moved in a file, and sends little more than what they have
 * changed, without a word from the peer but the blocks that have to come anyway. From one such edit to the next,
 * everything is moved by the same distance. The block with an edit in it is in no older version and is fetched; its
 * last bytes are old again, and where they lie in the older version says by how much all that follows has moved. That
 * is then copied, block by block, until a hash does not match: the next edit.
 *
 * Weak rolling checksums (rsync, zsync) would find the same: at 100 MB/s in JavaScript, and only where the peer makes
 * them. 64 bytes are found at 6 GB/s by `indexOf`, within 4 MiB in a millisecond, and are told by nobody: they are
 * bytes whose hash has been checked.
 *
 * Where nothing is found, two blocks are fetched next, then four, and so on, while the search goes on in a wider
 * circle, until that has cost more than it has brought; then the file is left to whoever fetches the rest.
 */
export class MovedBlocks {
  readonly #blocks: LocalBlocks;
  readonly #filling: Filling;
  readonly #oldSize: number;
  readonly #count: number;
  /** Blocks that have been asked for. */
  readonly #asked = new Set<number>();
  /** Blocks that have been found. */
  readonly #copied = new Set<number>();
  #credit = CREDIT_BYTES;
  /** By how much what comes next has probably moved. */
  #shift = 0;

  constructor(blocks: LocalBlocks, filling: Filling, oldSize: number) {
    this.#blocks = blocks;
    this.#filling = filling;
    this.#oldSize = oldSize;
    this.#count = blockCount(filling.content.size);
  }

  /** Rejects as `fetch` does, or with ABORTED. */
  async fill(): Promise<void> {
    if (!isHashed(this.#filling.content)) return;
    for (let at = 0; at < this.#count && this.#credit > 0;) {
      if (!this.#lacks(at)) {
        if (!this.#copied.has(at)) this.#shift = 0;
        at += 1;
        continue;
      }
      const end = this.#copied.has(at - 1) ? await this.#copyFrom(at, this.#shift) : undefined;
      // A lone block tells of nothing that is missing after it.
      if (end === undefined) at = this.#lacks(at + 1) ? await this.#cross(at) : at + 1;
      else at = end;
    }
  }

  /** Goes through blocks that are missing from `start` on, and returns where to go on after the gap. */
  async #cross(start: number): Promise<number> {
    let reach = FIRST_REACH_BYTES;
    let size = 1;
    let batch = this.#fetch(start, size);
    try {
      for (;;) {
        const { end, done } = batch;
        const anchor = await done;
        if (!this.#lacks(end)) return end;
        size = Math.min(MOST_AT_ONCE, size * 2);
        // The first looks are short, and what they find need not be fetched. The others are not waited for.
        const waits = size <= MOST_TO_WAIT_WITH;
        if (!waits) batch = this.#fetch(end, size);
        const next = anchor && (await this.#follow(anchor, end, reach, (end - start) * this.#blockSize));
        if (next !== undefined) {
          await batch.done;
          return next;
        }
        if (this.#credit <= 0) {
          await batch.done;
          return this.#count;
        }
        if (waits) batch = this.#fetch(end, size);
        reach *= 4;
      }
    } catch (error) {
      await batch.done.catch(() => undefined);
      throw error;
    }
  }

  /** Fetches up to `size` blocks; the last one's anchor shows what comes after it. */
  #fetch(start: number, size: number): { readonly end: number; readonly done: Promise<Anchor | undefined> } {
    let end = start;
    while (end < start + size && this.#lacks(end)) end += 1;
    const blocks = Array.from({ length: end - start }, (_, index) => start + index);
    for (const block of blocks) this.#asked.add(block);
    let anchor: Anchor | undefined;
    const show = (block: number, bytes: Uint8Array) => {
      if (block === end - 1) anchor = lastAnchor(bytes, block * this.#blockSize);
    };
    const done = this.#filling.fetch(blocks, show).then(() => anchor);
    // It is waited for later; meanwhile its failure is nobody's.
    done.catch(() => undefined);
    return { end, done };
  }

  /** Copies what follows the anchor, from block `start` on. Returns where that ends; undefined when it is not found. */
  async #follow(anchor: Anchor, start: number, reach: number, changed: number): Promise<number | undefined> {
    let tried = 0;
    for await (const shift of this.#shifts(anchor, reach, changed)) {
      const end = await this.#copyFrom(start, shift);
      if (end !== undefined) {
        this.#shift = shift;
        return end;
      }
      tried += 1;
      if (tried >= MOST_CANDIDATES) return undefined;
    }
    return undefined;
  }

  /** Where the anchor lies in the older version, as distances: the likeliest first. */
  async *#shifts(anchor: Anchor, reach: number, changed: number): AsyncGenerator<number> {
    const { older, content, interruption } = this.#filling;
    const near = anchor.offset + this.#shift;
    const pay = (bytes: number) => {
      this.#credit -= bytes;
      interruption.demandNone();
    };
    const file = {
      read: (target: Uint8Array, position: number) =>
        this.#credit > 0
          ? this.#blocks.with(older, (opened) => opened.read(target, position)).catch(() => 0)
          : Promise.resolve(0),
    };
    const search = async function* (where: Reach) {
      for await (const offset of findAnchor(file, anchor, where, pay)) yield offset - anchor.offset;
    };
    const atOnce = [this.#shift, 0, this.#oldSize - content.size];
    for (const shift of new Set(atOnce)) {
      const at = anchor.offset + shift;
      if (at >= 0 && at + ANCHOR_BYTES <= this.#oldSize) yield* search({ near: at, before: 0, after: 0 });
    }
    // What has been inserted has moved the rest by at most as much as is new since the last match.
    yield* search({ near, before: reach + changed, after: reach });
  }

  /** Copies blocks from `start` on as long as they match. Returns the first that does not; undefined for none. */
  async #copyFrom(start: number, shift: number): Promise<number | undefined> {
    const { content, older: path } = this.#filling;
    let next = start;
    let end = this.#count;
    let isFound = false;
    const work = async () => {
      const buffer = Buffer.allocUnsafeSlow(this.#blockSize);
      while (next < end) {
        const block = next;
        next += 1;
        if (this.#filling.target.have.has(block) || this.#asked.has(block)) continue;
        const { offset, length } = blockRange(content.size, block);
        const bytes = buffer.subarray(0, length);
        if (await this.#blocks.copy(this.#filling, block, { path, offset: offset + shift }, bytes)) {
          isFound = true;
          this.#copied.add(block);
          this.#credit += length;
        } else {
          this.#credit -= length;
          end = Math.min(end, block);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    return isFound ? end : undefined;
  }

  get #blockSize(): number {
    return blockSizeFor(this.#filling.content.size);
  }

  #lacks(block: number): boolean {
    return block < this.#count && !this.#filling.target.have.has(block) && !this.#asked.has(block);
  }
}
