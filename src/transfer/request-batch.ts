import { MIN_BLOCK_BYTES } from '../model/block-layout.ts';
import { MAX_REQUEST_BLOCKS, MAX_REQUEST_FRAME_BYTES } from '../wire/limits.ts';
import type { WantedBlock } from '../wire/messages/message.ts';

/** Bytes of the blocks of one request, unless a single one has more: none is sent before all of them have been read. */
const MAX_BATCH_BYTES = 1024 * 1024;
/** Bytes in a request for one block, beside its path: two hashes, and heads and numbers generously. */
const WANTED_BYTES = 128;
/** Bytes of UTF-8 for one UTF-16 unit, at most. */
const UTF8_BYTES = 3;

/** Blocks that are asked of one device with one request, each with who asks. */
export class RequestBatch<Asker> {
  readonly askers: Asker[] = [];
  readonly wanted: WantedBlock[] = [];
  #bytes = 0;
  #requestBytes = 0;

  /** Whether `block` may go with those that are here. */
  hasRoomFor(block: WantedBlock): boolean {
    const [first] = this.wanted;
    if (!first) return true;
    return (
      // Smaller ones go on a connection that no whole one holds up, and so not together with such.
      block.length < MIN_BLOCK_BYTES === first.length < MIN_BLOCK_BYTES &&
      this.#bytes + block.length <= MAX_BATCH_BYTES &&
      this.wanted.length < MAX_REQUEST_BLOCKS &&
      this.#requestBytes + sizeOf(block) <= MAX_REQUEST_FRAME_BYTES
    );
  }

  add(asker: Asker, block: WantedBlock): void {
    this.askers.push(asker);
    this.wanted.push(block);
    this.#bytes += block.length;
    this.#requestBytes += sizeOf(block);
  }
}

function sizeOf({ path }: WantedBlock): number {
  return WANTED_BYTES + UTF8_BYTES * path.length;
}
