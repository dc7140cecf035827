import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { CompartidosError } from '../core/errors.ts';

/**
 * ms in which a caller must take something of what is sent. Linux says that there is room again only when a third of its
 * buffer is empty, for which who takes 4 KB/s needs up to a minute.
 */
export const IDLE_MS = 120_000;
/** ms that a caller has to close its side after ours. */
export const LINGER_MS = 5000;
/** Bytes that a caller may send after its request: they are thrown away, more ends the connection. */
const MAX_EXCESS_BYTES = 64 * 1024;
/** Bytes that are handed to the system at a time: it says only when it has taken all of them. */
export const PIECE_BYTES = 16 * 1024;

/**
 * The server's side of a classic connection: every wait ends, with an error if the caller is too slow or gone. An answer
 * that is cut ends with a reset, since an orderly end says that it is complete.
 */
export class ClassicSocket {
  /** Aborted when the connection is over. */
  readonly closed: AbortSignal;
  readonly #socket: Socket;
  readonly #clock: Clock;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    const over = new AbortController();
    this.closed = over.signal;
    const abort = () => over.abort(new CompartidosError('CONNECTION_CLOSED'));
    if (socket.destroyed) abort();
    socket.once('close', abort);
    socket.on('error', abort);
    // A caller may close its side after the request and still wait for the answer.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
  }

  /** Unread input would turn our orderly end into a reset that can overtake the answer. */
  discardInput(): void {
    let excess = 0;
    this.#socket.on('data', (chunk: Uint8Array) => {
      excess += chunk.length;
      if (excess > MAX_EXCESS_BYTES) this.reset();
    });
    this.#socket.resume();
  }

  /** Resolves when `bytes` have left for the network and may be overwritten. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await this.#writePiece(bytes.subarray(at, at + PIECE_BYTES));
    }
  }

  #writePiece(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const idle = this.#clock.after(IDLE_MS, () => this.reset());
      this.#socket.write(bytes, (error) => {
        idle.cancel();
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** Ends our side, then waits for the caller's. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) return resolve();
      const linger = this.#clock.after(LINGER_MS, () => this.#socket.destroy());
      this.#socket.once('close', () => {
        linger.cancel();
        resolve();
      });
      this.#socket.end();
    });
  }

  /** Ends the connection with a reset, so that nobody takes what was sent for complete. */
  reset(): void {
    endEarly(this.#socket);
  }

  /** Ends a connection on which nothing, or a complete answer, was sent. */
  destroy(): void {
    this.#socket.destroy();
  }
}

/** Ends a classic connection with a reset, unless its answer is complete. */
export function endEarly(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
