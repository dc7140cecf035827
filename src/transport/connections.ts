import { randomUUID } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import { CompartidosError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Hello } from '../wire/messages/message.ts';
import { isPresent } from './address.ts';
import { logEnd } from './connection-log.ts';
import { Connection, HELLO_TIMEOUT_MS, type Introduction } from './connection.ts';
import { dial, type DialOptions } from './dialer.ts';
import type { ReleaseWatch } from './release-watch.ts';
import type { SecureSocket } from './secure-socket.ts';
import type { Session } from './session.ts';

export interface ConnectionsOptions {
  readonly context: SecureContext;
  /** What we say of ourselves; asked for at each hello, since it may change. */
  readonly introduction: () => Omit<Introduction, 'instance'>;
  /** Is told of whoever speaks no version that we speak. */
  readonly releases?: Pick<ReleaseWatch, 'met'> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export type CallOptions = Pick<DialOptions, 'expect' | 'signal' | 'reached'> & {
  readonly signal: AbortSignal;
};

/** Whom a data connection is for. */
export type DataPeer = Pick<Session, 'device' | 'host' | 'port' | 'instance'>;

/** All connections, those that we open and those of others, until their sockets are closed. */
export class Connections {
  readonly #options: ConnectionsOptions;
  /** The same in each hello of this process (PROTOCOL.md, clause 5.6). */
  readonly #instance = randomUUID();
  readonly #all = new Set<Connection>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** See dialer.ts; nothing is said over the socket before there is a connection `over` it. */
  dial(host: string, port: number, options: CallOptions): Promise<SecureSocket> {
    const { context, clock } = this.#options;
    return dial(host, port, { context, clock, ...options });
  }

  /** A connection that is not started: with `role` it is ours, else somebody calls. */
  over(secure: SecureSocket, role?: Hello['role']): Connection {
    const { introduction, clock } = this.#options;
    const connection = new Connection(secure, { ...introduction(), instance: this.#instance }, clock, role);
    this.#all.add(connection);
    connection.events.once('closed', (reason) => {
      if (reason.endsWith('.incompatible')) this.#options.releases?.met(secure.device, secure.address);
    });
    void connection.finished.then(() => this.#all.delete(connection));
    return connection;
  }

  /** Ends a socket of ours without a reset, which could overtake what proves to a twin that it has been called. */
  hangUp(secure: SecureSocket, signal: AbortSignal): void {
    const { socket } = secure;
    const destroy = () => socket.destroy();
    const timer = this.#options.clock.after(HELLO_TIMEOUT_MS, destroy);
    signal.addEventListener('abort', destroy, { once: true });
    socket.once('close', () => {
      timer.cancel();
      signal.removeEventListener('abort', destroy);
    });
    secure.receive(() => {});
    socket.end();
  }

  /** Dials for data; resolves when the hellos are exchanged, if `peer` is then still what we have a session with. */
  async openData(peer: DataPeer, isCurrent: () => boolean, signal: AbortSignal): Promise<Connection> {
    const { device, host, port, instance } = peer;
    const connection = this.over(await this.dial(host, port, { expect: device, signal }), 'data');
    connection.events.on('closed', (reason, cause) =>
      logEnd(this.#options.logger, connection, reason, cause),
    );
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string) => reject(new CompartidosError('CONNECTION_CLOSED', { reason }));
      const remove = connection.events.once('closed', fail);
      connection.events.once('hello', (hello) => {
        remove();
        if (hello.instance === instance && isCurrent()) return resolve();
        connection.close('duplicate');
        fail('session-over');
      });
      connection.start();
    });
    return connection;
  }

  /** The machine has these IP addresses now: nothing arrives over others any more. */
  networkChanged(addresses: readonly string[]): void {
    for (const connection of [...this.#all]) {
      if (!isPresent(connection.secure.localAddress, addresses)) connection.destroy('address-gone');
    }
  }

  /** Says goodbye on each; resolves when all sockets are closed. */
  async close(): Promise<void> {
    for (const connection of [...this.#all]) connection.close('stopping');
    await Promise.all([...this.#all].map(({ finished }) => finished));
  }
}
