import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import type { Clock, Timer } from '../core/clock.ts';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import { callerKind } from '../wire/first-byte.ts';
import { ALPN_PROTOCOL } from '../wire/negotiation.ts';
import { plainAddress } from './address.ts';
import { BoundedSet } from './bounded-set.ts';
import { endpoints, provenDevice, type SecureSocket } from './secure-socket.ts';

/** How long a caller may take to say its first byte, and then for the TLS handshake. ms. */
const FIRST_BYTE_MS = 10_000;
const HANDSHAKE_MS = 15_000;
/** Callers that have not yet said who they are, in all and from one address. */
const MAX_UNKNOWN_CALLERS = 256;
const MAX_UNKNOWN_CALLERS_PER_ADDRESS = 32;
/** Addresses whose refusal was logged. */
const ADDRESSES_REMEMBERED = 1024;
/** Codes of errors that say that the other side has hung up. */
const GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** Takes over a caller in clear text; `firstBytes` is what it has said so far. The socket is paused. */
export type ClassicReceiver = (socket: Socket, firstBytes: Buffer) => void;

export interface ListenerOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly context: SecureContext;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes over a device. It must attach its listeners before it returns. */
  readonly onNative: (socket: SecureSocket) => void;
  /** Takes over a classic caller; without it they are refused. */
  readonly onClassic?: ClassicReceiver | undefined;
}

/** The one TCP port, where the first byte tells the callers apart (PROTOCOL.md, clause 2.1). */
export class Listener implements Startable {
  readonly #options: ListenerOptions;
  #server: Server | undefined;
  /** Callers that have not been handed over, with what ends their time; those that came first first. */
  readonly #unknown = new Map<Socket, { readonly address: string; readonly timer: Timer }>();
  readonly #unknownByAddress = new Map<string, number>();
  readonly #logged = new BoundedSet<string>(ADDRESSES_REMEMBERED);

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** The port that is listened on; 0 while stopped. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** @throws PORT_IN_USE, PORT_FORBIDDEN (`port`) */
  async start(): Promise<void> {
    if (this.#server) return;
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#receive(socket));
    this.#server = server;
    try {
      await this.#listen(server);
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
    server.on('error', (error) =>
      this.#options.logger.warn('listener.failed', { reason: systemErrorCode(error) ?? error.message }),
    );
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    // Sockets that were handed over belong to others, who end them; the port is free at once.
    server.close();
    for (const socket of [...this.#unknown.keys()]) socket.destroy();
  }

  async #listen(server: Server): Promise<void> {
    const { port } = this.#options;
    try {
      // Both IPv6 and IPv4, unless the system has no IPv6.
      await listenOn(server, port, '::').catch((error: unknown) => {
        const code = systemErrorCode(error);
        if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL' && code !== 'EINVAL') throw error;
        return listenOn(server, port, '0.0.0.0');
      });
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'EADDRINUSE') throw new CompartidosError('PORT_IN_USE', { port }, { cause: error });
      if (code === 'EACCES') throw new CompartidosError('PORT_FORBIDDEN', { port }, { cause: error });
      throw error;
    }
  }

  #receive(socket: Socket): void {
    socket.on('error', ignore);
    const address = plainAddress(socket.remoteAddress ?? '');
    if (this.#unknownFrom(address) >= MAX_UNKNOWN_CALLERS_PER_ADDRESS) {
      this.#refuse(socket, address, 'too-many');
      return;
    }
    if (this.#unknown.size >= MAX_UNKNOWN_CALLERS) this.#makeRoom();
    this.#unknownByAddress.set(address, this.#unknownFrom(address) + 1);
    this.#allow(socket, address, FIRST_BYTE_MS);
    socket.once('close', () => this.#forget(socket));
    socket.once('data', (firstBytes: Buffer) => this.#tellApart(socket, address, firstBytes));
    socket.resume();
  }

  #tellApart(socket: Socket, address: string, firstBytes: Buffer): void {
    socket.pause();
    const { onClassic } = this.#options;
    const kind = callerKind(firstBytes[0]!);
    if (kind === 'native') {
      socket.unshift(firstBytes);
      this.#shakeHands(socket, address);
    } else if (kind === 'classic' && onClassic) {
      this.#forget(socket);
      socket.off('error', ignore);
      onClassic(socket, firstBytes);
    } else {
      this.#refuse(socket, address, kind === 'classic' ? 'classic-off' : 'unknown-protocol');
    }
  }

  #shakeHands(raw: Socket, address: string): void {
    this.#allow(raw, address, HANDSHAKE_MS);
    const socket = new TLSSocket(raw, {
      isServer: true,
      secureContext: this.#options.context,
      requestCert: true,
      // The certificates are self-signed: `provenDevice` looks at the key.
      rejectUnauthorized: false,
      ALPNProtocols: [ALPN_PROTOCOL],
    });
    const fail = (error: Error) => {
      // A caller that reaches us in several ways hangs up all but the first that answers.
      if (GONE.has(systemErrorCode(error) ?? '')) raw.destroy();
      else this.#refuse(raw, address, 'handshake');
    };
    socket.on('error', fail);
    socket.on('_tlsError', fail);
    socket.once('close', () => raw.destroy());
    socket.once('secure', () => {
      const proof = provenDevice(socket);
      if ('problem' in proof) {
        this.#refuse(raw, address, proof.problem);
        return;
      }
      this.#forget(raw);
      socket.off('error', fail);
      this.#options.onNative({
        socket,
        device: proof.device,
        ...endpoints(socket),
        dialled: false,
        receive: (listener) => socket.on('data', listener),
      });
    });
  }

  #allow(socket: Socket, address: string, ms: number): void {
    this.#unknown.get(socket)?.timer.cancel();
    const timer = this.#options.clock.after(ms, () => this.#refuse(socket, address, 'timed-out'));
    this.#unknown.set(socket, { address, timer });
  }

  #unknownFrom(address: string): number {
    return this.#unknownByAddress.get(address) ?? 0;
  }

  /** Whoever holds places without saying who they are would keep others out: the first of the address with most goes. */
  #makeRoom(): void {
    const most = Math.max(...this.#unknownByAddress.values());
    for (const [socket, { address }] of this.#unknown) {
      if (this.#unknownByAddress.get(address) !== most) continue;
      this.#forget(socket);
      this.#refuse(socket, address, 'too-many');
      return;
    }
  }

  #refuse(socket: Socket, address: string, reason: string): void {
    socket.destroy();
    if (this.#server && this.#logged.add(address)) {
      this.#options.logger.info('caller.refused', { address, reason });
    }
  }

  #forget(socket: Socket): void {
    const caller = this.#unknown.get(socket);
    if (!caller) return;
    const { address, timer } = caller;
    timer.cancel();
    this.#unknown.delete(socket);
    const left = this.#unknownFrom(address) - 1;
    if (left > 0) this.#unknownByAddress.set(address, left);
    else this.#unknownByAddress.delete(address);
  }
}

async function listenOn(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => {
      server.off('listening', succeed);
      reject(error);
    };
    const succeed = () => {
      server.off('error', fail);
      resolve();
    };
    server.once('error', fail);
    server.once('listening', succeed);
    server.listen({ port, host });
  });
}

/** A socket that fails closes, and its closing is looked at. */
function ignore(): void {}
