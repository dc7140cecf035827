import { connect, type Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';

/** ms for a connection to come about. */
const CONNECT_MS = 5000;

export interface ClassicCallOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** One request to a classic server, and the bytes of its answer at the reader's pace. Every wait ends. */
export class ClassicCall {
  readonly #socket: Socket;
  readonly #options: ClassicCallOptions;
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #abort: () => void;

  private constructor(socket: Socket, options: ClassicCallOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#pieces = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
    this.#abort = () => this.#socket.destroy(new CompartidosError('ABORTED'));
    options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Connects and sends `request`. @throws CONNECTION_FAILED, ABORTED */
  static async open(options: ClassicCallOptions, request: Uint8Array): Promise<ClassicCall> {
    if (options.signal?.aborted) throw new CompartidosError('ABORTED');
    const { host, port } = options;
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    const call = new ClassicCall(socket, options);
    const failure = (reason: string, cause?: unknown) =>
      new CompartidosError('CONNECTION_FAILED', { host, port, reason }, { cause });
    const timer = options.clock.after(CONNECT_MS, () => socket.destroy(failure('timeout')));
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve).once('error', reject);
      });
    } catch (error) {
      call.close();
      if (error instanceof CompartidosError) throw error;
      throw failure(systemErrorCode(error) ?? 'unknown', error);
    } finally {
      timer.cancel();
    }
    // Whoever reads gets the error; without a listener it would end the process.
    socket.on('error', () => {});
    socket.write(request);
    return call;
  }

  /**
   * What comes next, or undefined at the end.
   * @throws REQUEST_TIMED_OUT when nothing comes for `timeoutMs`, CONNECTION_CLOSED, ABORTED
   */
  async read(timeoutMs: number): Promise<Uint8Array | undefined> {
    const { host, port, clock } = this.#options;
    const timer = clock.after(timeoutMs, () =>
      this.#socket.destroy(new CompartidosError('REQUEST_TIMED_OUT', { host, port })),
    );
    try {
      const result = await this.#pieces.next();
      if (!result.done) return result.value;
      await this.#confirmEnd();
      return undefined;
    } catch (error) {
      if (error instanceof CompartidosError) throw error;
      throw new CompartidosError('CONNECTION_CLOSED', { host, port }, { cause: error });
    } finally {
      timer.cancel();
    }
  }

  /**
   * Where a reset arrives right behind the last bytes, libuv reports an orderly end (uv__stream_io, on POLLHUP). The
   * error is still with the socket, whose next write gets it: an empty one sends nothing.
   */
  #confirmEnd(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write('', (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** The error for an answer that ended before it was one. */
  closedEarly(): CompartidosError {
    const { host, port } = this.#options;
    return new CompartidosError('CONNECTION_CLOSED', { host, port });
  }

  close(): void {
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#socket.destroy();
  }
}
