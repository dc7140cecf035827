/** Bytes that are kept for later; beyond that, what was not used for longest is left to the garbage collector. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** Steps between two powers of two in which buffers are made: so much of one is at most wasted. */
const STEPS = 4;
/** A buffer that is kept may be so many times as large as what it is taken for. */
const MAX_EXCESS = 2;

/**
 * Large buffers that are used again and again. V8 collects all of its garbage whenever some 30 MiB of new ones have
 * been made, which cost a fourth of the time of a transfer.
 *
 * Whoever takes one need not give it back; whoever gives one back must not use it any more. One that several use is only
 * used again when each of them has given it back.
 */
export class BufferPool {
  /** By size. The sizes that were used last come last. */
  readonly #kept = new Map<number, ArrayBufferLike[]>();
  /** How many use each buffer that is not here. */
  readonly #users = new WeakMap<ArrayBufferLike, number>();
  #keptBytes = 0;
  #taken = 0;
  #takenBefore = 0;

  /** `length` bytes, whatever they are, for so many users. */
  take(length: number, users = 1): Buffer {
    const size = sizeFor(length);
    const buffer = this.#find(size) ?? Buffer.allocUnsafeSlow(size).buffer;
    this.#users.set(buffer, users);
    this.#taken += 1;
    return Buffer.from(buffer, 0, length);
  }

  /** The buffer of which `bytes` are a view has so many users from now on. */
  share({ buffer }: Uint8Array, users: number): void {
    if (this.#users.has(buffer)) this.#users.set(buffer, users);
  }

  /** Takes in one that was from here before it went to another thread and came back, for so many users. */
  readmit(buffer: ArrayBuffer, users: number): void {
    this.#users.set(buffer, users);
  }

  /**
   * One user gives back the buffer of which `bytes` are a view. Those that are not from here, or are back already, are
   * ignored.
   */
  give({ buffer }: Pick<Uint8Array, 'buffer'>): void {
    const others = (this.#users.get(buffer) ?? 0) - 1;
    if (others > 0) this.#users.set(buffer, others);
    else if (this.#users.delete(buffer)) this.#keep(buffer);
  }

  /** To be called now and then: what is kept goes when nothing has been taken since it was called before. */
  rest(): void {
    if (this.#taken === this.#takenBefore) this.clear();
    this.#takenBefore = this.#taken;
  }

  /** Keeps nothing for later. */
  clear(): void {
    this.#kept.clear();
    this.#keptBytes = 0;
  }

  #find(least: number): ArrayBufferLike | undefined {
    for (let size = least; size <= MAX_EXCESS * least; size = sizeFor(size + 1)) {
      const kept = this.#kept.get(size);
      if (kept) return this.#remove(size, kept);
    }
    return undefined;
  }

  #keep(buffer: ArrayBufferLike): void {
    const size = buffer.byteLength;
    const kept = this.#kept.get(size) ?? [];
    this.#kept.delete(size);
    this.#kept.set(size, kept);
    kept.push(buffer);
    this.#keptBytes += size;
    while (this.#keptBytes > MAX_KEPT_BYTES) {
      const [oldest, unused] = this.#kept.entries().next().value!;
      this.#remove(oldest, unused);
    }
  }

  #remove(size: number, kept: ArrayBufferLike[]): ArrayBufferLike {
    this.#keptBytes -= size;
    if (kept.length === 1) this.#kept.delete(size);
    return kept.pop()!;
  }
}

/** For the blocks of all transfers. */
export const blockBuffers = new BufferPool();

function sizeFor(length: number): number {
  const step = Math.max(1, 2 ** Math.floor(Math.log2(Math.max(1, length))) / STEPS);
  return Math.ceil(length / step) * step;
}
