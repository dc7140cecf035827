import { blockBuffers } from '../core/buffer-pool.ts';
import { invalidFrame } from './invalid.ts';
import { FRAME_HEADER_BYTES, MAX_HELLO_FRAME_BYTES } from './limits.ts';
import { MESSAGE_TYPES, messageTypeOf } from './message-types.ts';

export interface Frame {
  /** The type byte: one of MESSAGE_TYPES. */
  readonly type: number;
  readonly body: Uint8Array;
}

/**
 * Cuts a stream of bytes into frames. A frame that lies within one chunk is a view of it; any other is gathered in a
 * buffer of its own, made once its header is there, so that each byte is copied at most once. It never holds more
 * than one incomplete frame, which is no larger than its type and this connection allow.
 */
export class FrameDecoder {
  #maxFrameBytes: number;
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  #type = 0;
  /** Undefined while the header is incomplete. */
  #body: Uint8Array | undefined;
  #bodyBytes = 0;
  #broken: Error | undefined;

  /** `maxFrameBytes`: the largest length field taken; at first that of a hello. */
  constructor(maxFrameBytes: number = MAX_HELLO_FRAME_BYTES) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** The largest length field taken from the next frame on, as after the hellos. */
  setMaxFrameBytes(maxFrameBytes: number): void {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Whether a frame has begun and is not complete. */
  get midFrame(): boolean {
    return this.#headerBytes > 0;
  }

  /**
   * Takes in `chunk` if it lies within a frame that has begun and completes none: of a block come dozens of such chunks.
   * Else it is to be pushed.
   */
  gather(chunk: Uint8Array): boolean {
    const body = this.#body;
    if (!body || chunk.length >= body.length - this.#bodyBytes) return false;
    body.set(chunk, this.#bodyBytes);
    this.#bodyBytes += chunk.length;
    return true;
  }

  /**
   * The frames that `chunk` completes, in order. They may be views of it, so it belongs to them from now on. Each
   * frame is cut only when it is asked for: a limit that is set on account of one frame holds for the next.
   * Iterating throws FRAME_INVALID, from then on always: a stream that lost its frames cannot find them again.
   */
  *push(chunk: Uint8Array): Generator<Frame, void> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#broken) throw this.#broken;
      if (this.#body) {
        const part = chunk.subarray(at, at + this.#body.length - this.#bodyBytes);
        this.#body.set(part, this.#bodyBytes);
        this.#bodyBytes += part.length;
        at += part.length;
      } else {
        const part = chunk.subarray(at, at + FRAME_HEADER_BYTES - this.#headerBytes);
        this.#header.set(part, this.#headerBytes);
        this.#headerBytes += part.length;
        at += part.length;
        if (this.#headerBytes < FRAME_HEADER_BYTES) return;
        const length = this.#readHeader();
        if (chunk.length - at >= length) {
          this.#body = chunk.subarray(at, at + length);
          this.#bodyBytes = length;
          at += length;
        } else {
          // Not from the pool of small buffers: what is kept of one must not keep others alive.
          this.#body = this.#isBlock ? blockBuffers.take(length) : Buffer.allocUnsafeSlow(length);
          this.#bodyBytes = 0;
        }
      }
      if (this.#bodyBytes === this.#body.length) {
        const frame = { type: this.#type, body: this.#body };
        this.#body = undefined;
        this.#headerBytes = 0;
        yield frame;
      }
    }
  }

  get #isBlock(): boolean {
    return this.#type === MESSAGE_TYPES['block-reply'].number;
  }

  /** Returns the length of the body. */
  #readHeader(): number {
    const view = new DataView(this.#header.buffer);
    const length = view.getUint32(0);
    const number = view.getUint8(FRAME_HEADER_BYTES - 1);
    const type = messageTypeOf(number);
    if (!type) throw this.#break('a known type', `0x${number.toString(16)}`);
    const most = Math.min(this.#maxFrameBytes, MESSAGE_TYPES[type].maxFrameBytes);
    if (length < 1 || length > most) throw this.#break(`1 to ${most} bytes`, String(length));
    this.#type = number;
    return length - 1;
  }

  #break(expected: string, got: string): Error {
    this.#broken = invalidFrame(expected, got);
    return this.#broken;
  }
}
