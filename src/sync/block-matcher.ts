import { rollHash, rollingHash } from '../model/rolling-hash.ts';

/** A block that is looked for, wherever it may lie. */
export interface WantedBlock {
  readonly index: number;
  /** `rollingHash` of the block. */
  readonly weak: number;
  /** BLAKE3 of the block. */
  readonly hash: Uint8Array;
}

/** A wanted block was found. `bytes` is a view that is only valid until the next one is taken. */
export interface FoundBlock {
  readonly index: number;
  /** Bytes from the start of what was searched. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Bits of a weak hash that choose its place in the filter: most windows are dismissed by one look into 32 KiB. */
const FILTER_BITS = 18;
/**
 * Strong hashes that may fail, for each wanted block. Content made to collide, such as long runs of one byte, would
 * otherwise cost a strong hash at every byte.
 */
const MISSES_PER_BLOCK = 8;

/**
 * Finds wanted blocks of `blockSize` bytes (a multiple of 32) at any offset of `chunks`, as rsync does (A. Tridgell and
 * P. Mackerras, "The rsync algorithm", 1996): a rolling hash proposes, `strongHash` decides. Each block is found once.
 * Memory: a few blocks.
 */
export function* matchBlocks(
  chunks: Iterable<Uint8Array>,
  blockSize: number,
  wanted: readonly WantedBlock[],
  strongHash: (bytes: Uint8Array) => Uint8Array,
): Generator<FoundBlock> {
  const open = new OpenBlocks(wanted);
  const source = new SlidingBuffer(chunks, blockSize);
  let misses = MISSES_PER_BLOCK * wanted.length;
  while (open.size > 0 && misses > 0 && source.has(blockSize)) {
    let weak = rollingHash(source.bytes, source.start, source.start + blockSize);
    let indexes: number[] = [];
    while (indexes.length === 0 && misses > 0) {
      const bytes = source.bytes.subarray(source.start, source.start + blockSize);
      if (open.has(weak)) {
        indexes = open.take(weak, bytes, strongHash);
        if (indexes.length > 0) {
          for (const index of indexes) yield { index, offset: source.offset, bytes };
          source.skip(blockSize);
          break;
        }
        misses -= 1;
      }
      if (!source.has(blockSize + 1)) return;
      weak = roll(source, blockSize, weak, open.filter);
    }
  }
}

/**
 * Moves the window on by one byte, and further while the filter dismisses it, within what is buffered. Returns its hash.
 * The one loop that runs for every byte: its state is in locals.
 */
function roll(source: SlidingBuffer, blockSize: number, weak: number, filter: Uint8Array): number {
  const { bytes, start } = source;
  const last = source.end - blockSize;
  let hash = weak;
  let at = start;
  while (at < last) {
    hash = rollHash(hash, bytes[at]!, bytes[at + blockSize]!);
    at += 1;
    const place = hash >>> (32 - FILTER_BITS);
    if ((filter[place >>> 3]! & (1 << (place & 7))) !== 0) break;
  }
  source.skip(at - start);
  return hash;
}

/** The blocks not found yet, by weak hash. */
class OpenBlocks {
  readonly #byWeak = new Map<number, WantedBlock[]>();
  /** One bit for each place that a weak hash of a block falls on. */
  readonly filter = new Uint8Array(1 << (FILTER_BITS - 3));
  #size = 0;

  constructor(wanted: readonly WantedBlock[]) {
    for (const block of wanted) {
      const twins = this.#byWeak.get(block.weak);
      if (twins) twins.push(block);
      else this.#byWeak.set(block.weak, [block]);
      const place = block.weak >>> (32 - FILTER_BITS);
      this.filter[place >>> 3]! |= 1 << (place & 7);
      this.#size += 1;
    }
  }

  get size(): number {
    return this.#size;
  }

  has(weak: number): boolean {
    return this.#byWeak.has(weak);
  }

  /** Removes the blocks whose content is `bytes` and returns their indexes. */
  take(weak: number, bytes: Uint8Array, strongHash: (bytes: Uint8Array) => Uint8Array): number[] {
    const candidates = this.#byWeak.get(weak) ?? [];
    const hash = Buffer.from(strongHash(bytes));
    const found = candidates.filter((block) => hash.equals(block.hash));
    if (found.length === 0) return [];
    const left = candidates.filter((block) => !found.includes(block));
    if (left.length > 0) this.#byWeak.set(weak, left);
    else this.#byWeak.delete(weak);
    this.#size -= found.length;
    return found.map((block) => block.index);
  }
}

/** Chunks as one run of bytes, of which a window and what follows it are held. */
class SlidingBuffer {
  readonly #chunks: Iterator<Uint8Array>;
  #bytes: Uint8Array;
  #start = 0;
  #end = 0;
  #offset = 0;

  constructor(chunks: Iterable<Uint8Array>, window: number) {
    this.#chunks = chunks[Symbol.iterator]();
    this.#bytes = new Uint8Array(2 * window);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the window begins in `bytes`. */
  get start(): number {
    return this.#start;
  }

  /** Where what is buffered ends in `bytes`. */
  get end(): number {
    return this.#end;
  }

  /** Where the window begins in the run. */
  get offset(): number {
    return this.#offset;
  }

  /** Whether `length` bytes are there from the window's start; reads chunks if need be. */
  has(length: number): boolean {
    while (this.#end - this.#start < length) {
      const next = this.#chunks.next();
      if (next.done) return false;
      this.#append(next.value);
    }
    return true;
  }

  skip(length: number): void {
    this.#start += length;
    this.#offset += length;
  }

  #append(chunk: Uint8Array): void {
    const held = this.#end - this.#start;
    if (this.#end + chunk.length > this.#bytes.length) {
      const room = Math.max(this.#bytes.length, 2 * (held + chunk.length));
      const target = room > this.#bytes.length ? new Uint8Array(room) : this.#bytes;
      target.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = target;
      this.#start = 0;
      this.#end = held;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }
}
