import type { Writable } from 'node:stream';

/** Smaller pieces are put together into one write of at most this size: each write costs more than the copy. Bytes. */
const GATHER_BYTES = 64 * 1024;
/** What goes before a piece that is not small is filled up from it to so much, one TLS record. Bytes. */
const RECORD_BYTES = 16 * 1024;
/** Larger ones are written in parts that stay in the processor's cache while they are encrypted. Bytes. */
const SLICE_BYTES = 256 * 1024;

interface QueuedFrame {
  readonly pieces: readonly Uint8Array[];
  readonly sent: (() => void) | undefined;
}

/**
 * Frames on their way out. One write is under way at a time: several at once would be copied into one buffer before
 * they are encrypted. Urgent frames overtake bulky ones, between frames.
 */
export class Outbox {
  readonly #socket: Writable;
  /** Where small pieces are put together: nobody uses it any more when the write before is over. */
  #gathered: Buffer | undefined;
  readonly #urgent: QueuedFrame[] = [];
  readonly #bulky: QueuedFrame[] = [];
  /** The frame that is being sent, from `#piece` and `#offset` on. */
  #frame: QueuedFrame | undefined;
  #piece = 0;
  #offset = 0;
  #unsent = 0;
  #isWriting = false;
  #isEnding = false;
  #isDiscarded = false;
  #whenDrained: (() => void)[] = [];

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Bytes that have not been handed to the system. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Frames that wait, whatever their size. */
  get waiting(): number {
    return this.#urgent.length + this.#bulky.length;
  }

  /** Queues a frame; `sent` is called when it has been handed to the system, and never if that fails. */
  push(pieces: readonly Uint8Array[], isUrgent: boolean, sent?: () => void): void {
    if (this.#isEnding || this.#isDiscarded) return;
    for (const { length } of pieces) this.#unsent += length;
    (isUrgent ? this.#urgent : this.#bulky).push({ pieces, sent });
    this.#pump();
  }

  /** Resolves when nothing is unsent, or never will be sent. */
  async drained(): Promise<void> {
    if (this.#unsent === 0 || this.#isDiscarded) return;
    await new Promise<void>((resolve) => this.#whenDrained.push(resolve));
  }

  /** Ends the stream after the urgent frames. */
  end(): void {
    if (this.#isEnding || this.#isDiscarded) return;
    this.#isEnding = true;
    this.#bulky.length = 0;
    this.#pump();
  }

  /** Forgets everything: the stream is of no use any more. */
  discard(): void {
    this.#isDiscarded = true;
    this.#urgent.length = 0;
    this.#bulky.length = 0;
    this.#settle();
  }

  #pump(): void {
    if (this.#isWriting || this.#isDiscarded) return;
    const sent: (() => void)[] = [];
    const chunk = this.#next(sent);
    if (chunk.length === 0) {
      if (this.#isEnding) this.#socket.end();
      return this.#settle();
    }
    this.#isWriting = true;
    this.#socket.write(chunk, (error) => {
      this.#isWriting = false;
      if (this.#isDiscarded) return;
      if (error) return this.discard();
      this.#unsent -= chunk.length;
      for (const report of sent) report();
      this.#pump();
    });
  }

  /** What is to be written next; nothing when all is sent. Adds to `sent` what is to be called then. */
  #next(sent: (() => void)[]): Uint8Array {
    const first = this.#currentPiece();
    const left = (first?.length ?? 0) - this.#offset;
    if (first && left >= GATHER_BYTES) return this.#take(first, Math.min(left, SLICE_BYTES), sent);
    return this.#gather(sent);
  }

  /** Small pieces, and what fills them up. */
  #gather(sent: (() => void)[]): Uint8Array {
    this.#gathered ??= Buffer.allocUnsafeSlow(GATHER_BYTES);
    let gathered = 0;
    while (gathered < GATHER_BYTES) {
      const piece = this.#currentPiece();
      if (!piece) break;
      const left = piece.length - this.#offset;
      const isLarge = left >= GATHER_BYTES;
      if (isLarge && gathered >= RECORD_BYTES) break;
      const bytes = Math.min(left, (isLarge ? RECORD_BYTES : GATHER_BYTES) - gathered);
      this.#gathered.set(this.#take(piece, bytes, sent), gathered);
      gathered += bytes;
    }
    return this.#gathered.subarray(0, gathered);
  }

  #take(piece: Uint8Array, bytes: number, sent: (() => void)[]): Uint8Array {
    const part = piece.subarray(this.#offset, this.#offset + bytes);
    this.#advance(bytes, sent);
    return part;
  }

  #currentPiece(): Uint8Array | undefined {
    this.#frame ??= this.#urgent.shift() ?? this.#bulky.shift();
    return this.#frame?.pieces[this.#piece];
  }

  #advance(bytes: number, sent: (() => void)[]): void {
    const { pieces, sent: report } = this.#frame!;
    this.#offset += bytes;
    if (this.#offset < pieces[this.#piece]!.length) return;
    this.#offset = 0;
    this.#piece += 1;
    if (this.#piece < pieces.length) return;
    this.#piece = 0;
    this.#frame = undefined;
    if (report) sent.push(report);
  }

  #settle(): void {
    const waiting = this.#whenDrained;
    this.#whenDrained = [];
    for (const resolve of waiting) resolve();
  }
}
