import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';

export interface GuardedSocketOptions {
  readonly type: 'udp4' | 'udp6';
  /** Whether a datagram is worth decoding; those that are not go no further. */
  readonly accepts: (datagram: Buffer, source: RemoteInfo) => boolean;
  /** The socket is of no use: it cannot join the group, or be set up. */
  readonly onUnusable: (error: unknown) => void;
  /** Whoever handled a datagram threw. */
  readonly onMishandled: (error: unknown) => void;
}

/**
 * The socket that multicast-dns works with, in the part of dgram's interface that it uses. It stands between the
 * library and the network: no datagram that is not acceptable comes in, and nothing that goes wrong in a handler or in
 * a system call becomes an uncaught exception.
 */
export class GuardedSocket extends EventEmitter {
  readonly #socket: Socket;
  readonly #options: GuardedSocketOptions;

  constructor(options: GuardedSocketOptions) {
    super();
    this.#options = options;
    this.#socket = createSocket({
      type: options.type,
      reuseAddr: true,
      ...(options.type === 'udp6' && { ipv6Only: true }),
    });
    this.#socket.on('message', (datagram, source) => this.receive(datagram, source));
    this.#socket.on('listening', () => this.emit('listening'));
    this.#socket.on('error', (error) => this.emit('error', error));
  }

  /** What happens when `datagram` arrives. */
  receive(datagram: Buffer, source: RemoteInfo): void {
    try {
      if (this.#options.accepts(datagram, source)) this.emit('message', datagram, source);
    } catch (error) {
      this.#options.onMishandled(error);
    }
  }

  bind(port: number, address: string, done: () => void): void {
    this.#socket.bind(port, address, done);
  }

  address(): unknown {
    return this.#socket.address();
  }

  send(
    message: Buffer,
    offset: number,
    length: number,
    port: number,
    address: string,
    done: (error?: Error | null) => void,
  ): void {
    try {
      this.#socket.send(message, offset, length, port, address, done);
    } catch (error) {
      done(error as Error);
    }
  }

  addMembership(group: string, link: string): void {
    try {
      this.#socket.addMembership(group, link);
    } catch (error) {
      this.#reportUnusable(error);
      throw error;
    }
  }

  dropMembership(group: string, link: string): void {
    this.#socket.dropMembership(group, link);
  }

  setMulticastInterface(link: string): void {
    this.#attempt(() => this.#socket.setMulticastInterface(link));
  }

  setMulticastTTL(hops: number): void {
    this.#attempt(() => this.#socket.setMulticastTTL(hops));
  }

  setMulticastLoopback(on: boolean): void {
    this.#attempt(() => this.#socket.setMulticastLoopback(on));
  }

  close(done?: () => void): void {
    try {
      this.#socket.close(done);
    } catch {
      done?.();
    }
  }

  #attempt(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#reportUnusable(error);
    }
  }

  /** Not in this turn: destroyed while it sets up its socket, the library would leave a timer running for ever. */
  #reportUnusable(error: unknown): void {
    queueMicrotask(() => this.#options.onUnusable(error));
  }
}
