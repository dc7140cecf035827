/** Bytes that are kept for later; what is given back beyond that is left to the garbage collector. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** Steps between two powers of two in which buffers are made: so much of one is at most wasted. */
const STEPS = 4;

/**
 * Large buffers that are used again and again. V8 collects all of its garbage whenever some 30 MiB of new ones have
 * been made, which cost a fourth of the time of a transfer.
 *
 * Whoever takes one need not give it back; whoever gives one back must be its only user.
 */
export class BufferPool {
  readonly #kept = new Map<number, ArrayBufferLike[]>();
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #keptBytes = 0;

  /** `length` bytes, whatever they are. */
  take(length: number): Buffer {
    const size = sizeFor(length);
    const kept = this.#kept.get(size)?.pop();
    if (kept) this.#keptBytes -= size;
    const buffer = kept ?? Buffer.allocUnsafeSlow(size).buffer;
    this.#lent.add(buffer);
    return Buffer.from(buffer, 0, length);
  }

  /**
   * Takes back the buffer of which `bytes` are a view. Those that are not from here, or are back already, are ignored.
   */
  give({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer) || this.#keptBytes + buffer.byteLength > MAX_KEPT_BYTES) return;
    const kept = this.#kept.get(buffer.byteLength) ?? [];
    this.#kept.set(buffer.byteLength, kept);
    kept.push(buffer);
    this.#keptBytes += buffer.byteLength;
  }

  /** Keeps nothing for later. */
  clear(): void {
    this.#kept.clear();
    this.#keptBytes = 0;
  }
}

/** For the blocks of all transfers. */
export const blockBuffers = new BufferPool();

function sizeFor(length: number): number {
  const step = Math.max(1, 2 ** Math.floor(Math.log2(Math.max(1, length))) / STEPS);
  return Math.ceil(length / step) * step;
}
