import { connect, type Socket } from 'node:net';

/**
 * A classic client as they exist: `connect`, `sendall`, `recv(1024)`, `close`, in clear text. Its receive buffer is the
 * kernel's: `recv` returns at most what was asked for of what has come by then.
 */
export class RawClassicClient {
  readonly #socket: Socket;
  #arrived: Buffer = Buffer.alloc(0);
  #ended = false;
  #error: Error | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#arrived = Buffer.concat([this.#arrived, chunk]);
      this.#wake();
    });
    socket.on('end', () => {
      const end = (error?: Error | null) => {
        if (error) this.#error = error;
        else this.#ended = true;
        socket.end();
        this.#wake();
      };
      // A reset right behind the last bytes looks like an orderly end until something is written.
      if (socket.writableEnded) end();
      else socket.write('', end);
    });
    socket.on('error', (error) => {
      this.#error = error;
      this.#wake();
    });
  }

  static async connect(port: number, host = '127.0.0.1', localAddress?: string): Promise<RawClassicClient> {
    const from = localAddress === undefined ? {} : { localAddress };
    const socket = connect({ port, host, ...from, noDelay: true, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClassicClient(socket);
  }

  send(request: string | Uint8Array): void {
    this.#socket.write(request);
  }

  /** Closes the sending side only. */
  shutdown(): void {
    this.#socket.end();
  }

  /** Empty at the end of the stream; rejects when the connection was reset. */
  async recv(size = 1024): Promise<Buffer> {
    while (this.#arrived.length === 0 && !this.#ended && !this.#error) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#arrived.length === 0 && this.#error) throw this.#error;
    const taken = this.#arrived.subarray(0, size);
    this.#arrived = this.#arrived.subarray(size);
    return taken;
  }

  /** All until the end of the stream. */
  async recvAll(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let piece = await this.recv(65_536); piece.length > 0; piece = await this.recv(65_536))
      pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Whether something has come that was not taken. */
  get pending(): boolean {
    return this.#arrived.length > 0 || this.#ended;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }
}
