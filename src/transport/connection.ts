import { blockBuffers } from '../core/buffer-pool.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import { isCompartidosError, systemErrorCode } from '../core/errors.ts';
import { decodeFrame, encodeMessage } from '../wire/codec.ts';
import { FrameDecoder } from '../wire/frame-decoder.ts';
import { MAX_DATA_FRAME_BYTES } from '../wire/limits.ts';
import { MESSAGE_TYPES } from '../wire/message-types.ts';
import type { Goodbye, Hello, Message, Ping } from '../wire/messages/message.ts';
import { negotiateVersion, PROTOCOL_VERSIONS } from '../wire/negotiation.ts';
import { Outbox } from './outbox.ts';
import type { SecureSocket } from './secure-socket.ts';

/** From the end of the TLS handshake to the other side's hello. ms. */
export const HELLO_TIMEOUT_MS = 5_000;
/** How long a goodbye may take to leave. ms. */
const LINGER_MS = 1_000;
/** A peer that lets more than this pile up here is not reading. Bytes. */
const MAX_UNSENT_BYTES = 96 * 1024 * 1024;
/** Nor does one that lets so many frames wait, however small: each takes some 300 bytes here. */
const MAX_WAITING_FRAMES = 10_000;

/** What a device says of itself in every hello. */
export type Introduction = Pick<Hello, 'instance' | 'name' | 'agent' | 'port'>;

/**
 * - `hello`: the other side's hello is here and is acceptable. Whoever was called now accepts or closes.
 * - `message`: any message after the hellos, except pings, which are answered here, and goodbyes.
 * - `closed`: nothing more is sent or received. `reason`: `goodbye.…` (what the peer said), `own.…` (what we said), a
 *   system error code, or what went wrong; `cause` is there when the fault is ours. Comes once.
 */
export type ConnectionEvents = {
  hello: [hello: Hello];
  message: [message: Exclude<Message, Hello | Goodbye | Ping>];
  closed: [reason: string, cause?: unknown];
};

/** Messages, one frame each, over one TLS connection (PROTOCOL.md, section 3). */
export class Connection {
  readonly events = new Emitter<ConnectionEvents>();
  readonly secure: SecureSocket;
  /** Resolves when the socket is closed for good. */
  readonly finished: Promise<void>;
  readonly #clock: Clock;
  readonly #decoder = new FrameDecoder();
  readonly #introduction: Introduction;
  readonly #outbox: Outbox;
  #state: 'greeting' | 'open' | 'closed' = 'greeting';
  #role: Hello['role'] | undefined;
  #peer: Hello | undefined;
  #timer: Timer;
  #lastReceived: number;
  #lastSaid: number;

  /** With `role` given we are the caller: our hello goes first. Without, the caller's hello will say. */
  constructor(secure: SecureSocket, introduction: Introduction, clock: Clock, role?: Hello['role']) {
    this.secure = secure;
    this.#introduction = introduction;
    this.#clock = clock;
    this.#role = role;
    this.#lastReceived = clock.monotonic();
    this.#lastSaid = this.#lastReceived;
    const { socket } = secure;
    this.#outbox = new Outbox(socket);
    this.finished = new Promise((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });
    this.#timer = clock.after(HELLO_TIMEOUT_MS, () => this.destroy('hello-timed-out'));
  }

  /** Begins to send and to receive. To be called once, with the listeners attached. */
  start(): void {
    const { socket } = this.secure;
    socket.on('error', (error) => this.destroy(systemErrorCode(error) ?? 'failed'));
    socket.once('end', () => this.destroy('closed'));
    socket.once('close', () => this.destroy('closed'));
    if (socket.destroyed) return this.destroy('closed');
    if (this.#role) this.#sendHello(this.#role);
    this.secure.receive((chunk) => this.#receive(chunk));
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** The other side's hello; undefined before it came. */
  get peer(): Hello | undefined {
    return this.#peer;
  }

  /** When the last bytes came, on the monotonic clock. ms. */
  get lastReceived(): number {
    return this.#lastReceived;
  }

  /** When something was last said here, whether it has left or not, on the monotonic clock. ms. */
  get lastSaid(): number {
    return this.#lastSaid;
  }

  /** Whether a message is arriving just now. */
  get isReceiving(): boolean {
    return this.#decoder.midFrame;
  }

  /** Answers the hello of whoever called us. */
  accept(): void {
    if (this.#state !== 'greeting' || !this.#peer) return;
    this.#sendHello(this.#peer.role);
    this.#open();
  }

  /** Sends `message`; `sent` is called when it has been handed to the system, and never if that fails. */
  send(message: Message, sent?: () => void): void {
    if (this.#state !== 'open') return;
    this.#write(message, sent);
    const { unsent, waiting } = this.#outbox;
    if (unsent > MAX_UNSENT_BYTES || waiting > MAX_WAITING_FRAMES) this.destroy('not-reading');
  }

  /** Resolves when nothing waits to be sent, or the connection is closed. */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** Stops reading: the other side is held back by TCP. What has been read already is still handed on. */
  pause(): void {
    this.secure.socket.pause();
  }

  resume(): void {
    if (this.#state !== 'closed') this.secure.socket.resume();
  }

  /** Says why, and closes. */
  close(reason: Goodbye['reason'], detail: string = reason): void {
    if (this.#state === 'closed') return;
    this.#write({ type: 'goodbye', reason });
    this.#outbox.end();
    const { socket } = this.secure;
    this.#settle(`own.${detail}`);
    // The other side may have stopped reading.
    this.#timer = this.#clock.after(LINGER_MS, () => socket.destroy());
    socket.once('close', () => this.#timer.cancel());
    socket.resume();
  }

  /** Closes without a word. */
  destroy(reason: string, cause?: unknown): void {
    this.#outbox.discard();
    this.secure.socket.destroy();
    this.#settle(reason, cause);
  }

  #settle(reason: string, cause?: unknown): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#timer.cancel();
    this.events.emit('closed', reason, cause);
    this.events.removeAllListeners();
  }

  #open(): void {
    this.#state = 'open';
    this.#timer.cancel();
    this.#decoder.setMaxFrameBytes(MAX_DATA_FRAME_BYTES);
  }

  #sendHello(role: Hello['role']): void {
    this.#write({
      type: 'hello',
      versions: PROTOCOL_VERSIONS,
      features: [],
      role,
      ...this.#introduction,
    });
  }

  #write(message: Message, sent?: () => void): void {
    this.#lastSaid = this.#clock.monotonic();
    this.#outbox.push(encodeMessage(message), message.type !== 'block-reply', sent);
  }

  #receive(chunk: Uint8Array): void {
    this.#lastReceived = this.#clock.monotonic();
    if (this.#state === 'closed' || this.#decoder.gather(chunk)) return;
    try {
      for (const { type, body } of this.#decoder.push(chunk)) {
        // The chunk is only lent; a body gathered from several is its own.
        this.#take(decodeFrame(type, body.buffer === chunk.buffer ? copyOf(type, body) : body));
        if (this.isClosed) return;
      }
    } catch (error) {
      if (isCompartidosError(error, 'FRAME_INVALID') || isCompartidosError(error, 'MESSAGE_INVALID')) {
        this.close('protocol-error', `protocol-error.${error.code}`);
      } else {
        this.destroy('internal', error);
      }
    }
  }

  #take(message: Message): void {
    if (message.type === 'goodbye') {
      this.destroy(`goodbye.${message.reason}`);
    } else if (message.type === 'hello') {
      this.#takeHello(message);
    } else if (this.#state !== 'open' || !MESSAGE_TYPES[message.type].roles.includes(this.#role!)) {
      this.close('protocol-error', `protocol-error.${message.type}`);
    } else if (message.type === 'ping') {
      this.send({ type: 'pong', nonce: message.nonce });
    } else {
      this.events.emit('message', message);
    }
  }

  #takeHello(hello: Hello): void {
    if (this.#peer || (this.#role && this.#role !== hello.role)) {
      this.close('protocol-error', 'protocol-error.hello');
      return;
    }
    if (negotiateVersion(PROTOCOL_VERSIONS, hello.versions) === undefined) {
      this.close('incompatible');
      return;
    }
    this.#peer = hello;
    const weCalled = this.#role !== undefined;
    this.#role = hello.role;
    if (weCalled) this.#open();
    else this.#timer.cancel();
    this.events.emit('hello', hello);
  }
}

function copyOf(type: number, body: Uint8Array): Uint8Array {
  if (type !== MESSAGE_TYPES['block-reply'].number) return new Uint8Array(body);
  const copy = blockBuffers.take(body.length);
  copy.set(body);
  return copy;
}
