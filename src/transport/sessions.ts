import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import { CompartidosError } from '../core/errors.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import { shortDeviceId, type DeviceId } from '../model/device-id.ts';
import type { AccessPolicy } from '../security/access-policy.ts';
import type { Identity } from '../security/identity.ts';
import { hostAndPort, isPresent } from './address.ts';
import { Callers } from './callers.ts';
import { logEnd } from './connection-log.ts';
import { HELLO_TIMEOUT_MS, type Connection } from './connection.ts';
import { Connections, type CallOptions } from './connections.ts';
import { ControlCalls } from './control-calls.ts';
import { DialSchedule, type DialCandidate } from './dial-schedule.ts';
import { Listener, type ClassicReceiver } from './listener.ts';
import type { BlockSource, Network, NetworkEvents } from './network.ts';
import type { ReleaseWatch } from './release-watch.ts';
import { ReplyBudget } from './reply-budget.ts';
import { failuresWorth } from './retry-delay.ts';
import { secureContextOf, type SecureSocket } from './secure-socket.ts';
import { Session } from './session.ts';
import type { TwinWatch } from './twin-watch.ts';

/** How often sessions are looked after. ms. */
const CHECK_MS = 250;
/** With a check that much late we were busy ourselves, or asleep, and know nothing of the others. ms. */
const LATE_MS = 1_000;
const MAX_SESSIONS = 256;
/** Of them with one address: several agents may run on one machine, or be behind one that translates addresses. */
const MAX_SESSIONS_PER_ADDRESS = 64;
/** Bytes of blocks that may be in memory for all who ask us. */
const REPLY_BUDGET_BYTES = 256 * 1024 * 1024;

export interface SessionsOptions {
  readonly identity: Identity;
  /** Display name; asked for at each hello, since it may change. */
  readonly name: () => string;
  /** Software and version, for people. */
  readonly agent: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly access: AccessPolicy;
  /** Is told when somebody else proves to be this device. */
  readonly twins?: Pick<TwinWatch, 'called'>;
  /** Is told of whoever does not understand us, and of whoever does. */
  readonly releases?: Pick<ReleaseWatch, 'met' | 'agreed'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Takes over classic callers; without it they are refused. */
  readonly onClassic?: ClassicReceiver | undefined;
}

/** All sessions with other devices: finds out who is who, keeps one session each, and gets lost ones back. */
export class Sessions implements Network, Startable {
  readonly events = new Emitter<NetworkEvents>();
  readonly #options: SessionsOptions;
  readonly #listener: Listener;
  readonly #connections: Connections;
  readonly #calls: ControlCalls;
  readonly #budget = new ReplyBudget(REPLY_BUDGET_BYTES);
  readonly #sessions = new Map<DeviceId, Session>();
  readonly #callers = new Callers();
  #schedule: DialSchedule | undefined;
  #abort = new AbortController();
  #source: BlockSource | undefined;
  #check: Timer | undefined;
  #checkedAt = 0;

  constructor(options: SessionsOptions) {
    const { identity, name, agent, port, releases, clock, logger, onClassic } = options;
    this.#options = options;
    const context = secureContextOf(identity);
    this.#listener = new Listener({
      ...{ port, context, clock, logger, onClassic },
      onNative: (secure) => this.#receive(secure),
    });
    this.#connections = new Connections({
      ...{ context, releases, clock, logger },
      introduction: () => ({ name: name(), agent, port: this.localPort }),
    });
    this.#calls = new ControlCalls({
      own: identity.device,
      clock,
      sessionWith: (device) => this.#sessions.get(device),
      establish: (connection) => this.#establish(connection),
    });
  }

  /** The port that is listened on; 0 while stopped. */
  get localPort(): number {
    return this.#listener.port;
  }

  /** @throws PORT_IN_USE, PORT_FORBIDDEN */
  async start(): Promise<void> {
    if (this.#check) return;
    await this.#listener.start();
    const { identity, clock, random, logger } = this.#options;
    this.#abort = new AbortController();
    this.#schedule = new DialSchedule({
      ...{ own: identity.device, clock, random, logger },
      isConnected: (device) => this.#sessions.has(device),
      dial: ({ host, port, expect }, signal, reached) => this.#call(host, port, { expect, signal, reached }),
    });
    this.#checkedAt = clock.monotonic();
    this.#check = clock.every(CHECK_MS, () => this.#checkAll());
  }

  /** Says goodbye to everybody; resolves when all sockets are closed. */
  async stop(): Promise<void> {
    if (!this.#check) return;
    this.#check.cancel();
    this.#check = undefined;
    this.#schedule?.stop();
    this.#abort.abort();
    await this.#listener.stop();
    this.#calls.stop();
    for (const session of [...this.#sessions.values()]) session.close('stopping');
    await this.#connections.close();
  }

  sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  session(device: DeviceId): Session | undefined {
    return this.#sessions.get(device);
  }

  serveBlocks(source: BlockSource): void {
    this.#source = source;
  }

  /** What we say of ourselves has changed: everybody is met anew. */
  reintroduce(): void {
    for (const session of this.sessions()) session.close('stopping');
  }

  /** A peer may be there: it is dialled unless there is a session with it, and again while it does not answer. */
  offer(candidate: DialCandidate): void {
    this.#schedule?.offer(candidate);
  }

  /**
   * The machine has these IP addresses now: sessions over others are over, and what did not answer is dialled again.
   */
  networkChanged(addresses: readonly string[]): void {
    for (const session of [...this.#sessions.values()]) {
      if (!isPresent(session.control.secure.localAddress, addresses)) session.drop('address-gone');
    }
    this.#connections.networkChanged(addresses);
    this.#schedule?.networkChanged();
  }

  #isWelcome({ device, address }: SecureSocket): boolean {
    return this.#options.access.allows({ kind: 'native', device, address }, { type: 'connect' });
  }

  #hasRoomFor({ device, address }: SecureSocket): boolean {
    if (this.#sessions.has(device)) return true;
    const sameAddress = this.sessions().filter(({ host }) => host === address).length;
    return this.#sessions.size < MAX_SESSIONS && sameAddress < MAX_SESSIONS_PER_ADDRESS;
  }

  /** Somebody has called and has proved who it is. */
  #receive(secure: SecureSocket): void {
    const isOurs = secure.device === this.#options.identity.device;
    if (isOurs) this.#options.twins?.called(secure.address);
    if (isOurs || !this.#callers.hasRoom(secure.address)) {
      secure.socket.on('error', () => {});
      secure.socket.destroy();
      return;
    }
    const connection = this.#connections.over(secure);
    this.#callers.add(connection);
    connection.events.once('closed', (reason, cause) => {
      logEnd(this.#options.logger, connection, reason, cause);
    });
    connection.events.once('hello', ({ role }) => {
      if (!this.#isWelcome(secure)) {
        this.#options.logger.info('peer.denied', {
          device: shortDeviceId(secure.device),
          address: secure.address,
        });
        connection.close('denied');
      } else if (role === 'control') {
        void this.#calls.receive(connection);
      } else {
        this.#placeData(connection);
      }
    });
    connection.start();
  }

  /** A data connection may overtake the hello that begins its session. */
  #placeData(connection: Connection): void {
    if (this.#joinSession(connection)) return;
    const timer = this.#options.clock.after(HELLO_TIMEOUT_MS, () => {
      if (this.#callers.has(connection)) connection.close('denied');
    });
    connection.events.once('closed', () => timer.cancel());
  }

  #joinSession(connection: Connection): boolean {
    const session = this.#sessions.get(connection.secure.device);
    if (!session || session.instance !== connection.peer?.instance) return false;
    this.#callers.placed(connection);
    if (!session.serve(connection)) connection.close('denied');
    return true;
  }

  /** Dials for control; resolves with who answered. */
  async #call(host: string, port: number, options: CallOptions): Promise<DeviceId> {
    const { signal } = options;
    const secure = await this.#connections.dial(host, port, options);
    const { device } = secure;
    if (device === this.#options.identity.device) {
      this.#connections.hangUp(secure, this.#abort.signal);
      return device;
    }
    if (!this.#calls.mayCall(device) || signal.aborted) {
      secure.socket.destroy();
      return device;
    }
    if (!this.#isWelcome(secure) || !this.#hasRoomFor(secure)) {
      secure.socket.destroy();
      throw new CompartidosError('ACCESS_DENIED');
    }
    await this.#calls.call(this.#connections.over(secure, 'control'));
    return device;
  }

  #openData(session: Session): Promise<Connection> {
    const isCurrent = () => this.#sessions.get(session.device) === session;
    return this.#connections.openData(session, isCurrent, this.#abort.signal);
  }

  #establish(connection: Connection): void {
    const { device } = connection.secure;
    this.#callers.placed(connection);
    if (!this.#hasRoomFor(connection.secure)) {
      connection.close('denied');
      return;
    }
    this.#sessions.get(device)?.close('duplicate');
    const { clock } = this.#options;
    const session = new Session({
      ...{ control: connection, clock, events: this.events, budget: this.#budget },
      openData: (asking) => this.#openData(asking),
      source: () => this.#source,
      onEnded: (ended, reason, cause) => this.#forget(ended, reason, cause),
    });
    this.#sessions.set(device, session);
    const { host, port, name } = session;
    this.#options.releases?.agreed(device);
    this.#options.logger.info('peer.connected', {
      ...{ device: shortDeviceId(device), name, address: hostAndPort(host, port) },
    });
    this.#schedule?.offer({ device, host, port, origin: 'told' });
    this.#schedule?.began(device);
    this.events.emit('connected', session);
    for (const caller of this.#callers.waitingForSession()) this.#joinSession(caller);
  }

  #forget(session: Session, reason: string, cause: unknown): void {
    const { device, name, began, control } = session;
    if (this.#sessions.get(device) === session) this.#sessions.delete(device);
    const { logger, clock } = this.#options;
    // When we stop, they go on.
    if (reason !== 'own.stopping') {
      logger.info('peer.disconnected', { device: shortDeviceId(device), name, reason });
    }
    logEnd(logger, control, reason, cause);
    this.#schedule?.ended(device, failuresWorth(reason, clock.monotonic() - began));
    this.events.emit('disconnected', session, reason);
  }

  #checkAll(): void {
    const now = this.#options.clock.monotonic();
    const wasBusy = now - this.#checkedAt >= CHECK_MS + LATE_MS;
    this.#checkedAt = now;
    for (const session of [...this.#sessions.values()]) session.check(wasBusy);
  }
}
