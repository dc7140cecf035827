import type { Clock } from '../core/clock.ts';
import type { Emitter } from '../core/emitter.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Goodbye, Hello, Message, Ping, WantedBlock } from '../wire/messages/message.ts';
import { BlockReplies } from './block-replies.ts';
import { BlockRequests } from './block-requests.ts';
import type { Connection } from './connection.ts';
import { DataPool, IDLE_TIMEOUT_MS } from './data-pool.ts';
import type { BlockAnswer, BlockSource, NetworkEvents, PeerSession, SessionMessage } from './network.ts';
import type { ReplyBudget } from './reply-budget.ts';

/** After this long without a word from the peer, or to it, it is asked for one, and again as often. ms. */
const PING_AFTER_MS = 1_000;
/** After this long without a word from the peer, on whatever connection, it is gone. ms. */
const DEAD_AFTER_MS = 3_500;
/** How long the answer to a probe may take. ms. */
const PROBE_MS = 500;
/** Data connections that one peer may have open to us. */
const MAX_DATA_CONNECTIONS = 8;
/** Whoever opened a data connection closes it when it is idle; we do it if they forget. ms. */
const FORGOTTEN_MS = 2 * IDLE_TIMEOUT_MS;

export interface SessionOptions {
  /** Open: hellos exchanged. */
  readonly control: Connection;
  readonly events: Emitter<NetworkEvents>;
  /** Opens a data connection to the peer of `session`, hellos exchanged. */
  readonly openData: (session: Session) => Promise<Connection>;
  readonly source: () => BlockSource | undefined;
  readonly budget: ReplyBudget;
  readonly clock: Clock;
  /** The session is over; comes once. */
  readonly onEnded: (session: Session, reason: string, cause?: unknown) => void;
}

/** One connected device. See PeerSession. */
export class Session implements PeerSession {
  readonly device: DeviceId;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly instance: string;
  /** When it began, on the monotonic clock. ms. */
  readonly began: number;
  readonly control: Connection;
  readonly #options: SessionOptions;
  readonly #requests: BlockRequests;
  readonly #replies: BlockReplies;
  readonly #pool: DataPool;
  /** Data connections that the peer opened, each with what answers it. */
  readonly #served = new Map<Connection, BlockReplies>();
  readonly #probes = new Map<number, (alive: boolean) => void>();
  #isPaused = false;
  #nonce = 0;
  #lastPing = -Infinity;
  /** Silence is counted from here at the earliest. */
  #silentSince: number;

  constructor(options: SessionOptions) {
    const { control, clock } = options;
    const { secure } = control;
    const hello = control.peer!;
    this.#options = options;
    this.control = control;
    this.device = secure.device;
    this.name = hello.name;
    this.instance = hello.instance;
    this.host = secure.address;
    this.port = secure.dialled ? secure.port : hello.port;
    this.began = clock.monotonic();
    this.#silentSince = this.began;
    this.#requests = new BlockRequests(control, clock);
    this.#replies = this.#answer(control, 'control');
    this.#pool = new DataPool({ open: () => options.openData(this), fallback: this.#requests, clock });
    control.events.on('message', (message) => this.#take(message));
    control.events.on('closed', (reason, cause) => this.#end(reason, cause));
  }

  get connections(): Connection[] {
    return [this.control, ...this.#pool.connections, ...this.#served.keys()];
  }

  send(message: SessionMessage): void {
    this.control.send(message);
  }

  drained(): Promise<void> {
    return this.control.drained();
  }

  pause(): void {
    this.#isPaused = true;
    this.control.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#silentSince = this.#options.clock.monotonic();
    this.control.resume();
  }

  requestBlocks(wanted: readonly WantedBlock[], compare = false): Promise<readonly BlockAnswer[]> {
    return this.#pool.ask(wanted, compare);
  }

  close(reason: Goodbye['reason']): void {
    this.control.close(reason);
  }

  /** Ends the session at once, without a word that could not arrive. */
  drop(reason: string): void {
    this.control.destroy(reason);
  }

  /** Whether the peer answers over the control connection now. */
  probe(): Promise<boolean> {
    if (this.control.isClosed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const nonce = this.#ping();
      const answer = (alive: boolean) => {
        timer.cancel();
        this.#probes.delete(nonce);
        resolve(alive);
      };
      const timer = this.#options.clock.after(PROBE_MS, () => answer(false));
      this.#probes.set(nonce, answer);
    });
  }

  /** Takes over a data connection that the peer opened and whose hello is here; returns whether there was room. */
  serve(connection: Connection): boolean {
    if (this.#served.size >= MAX_DATA_CONNECTIONS) return false;
    const replies = this.#answer(connection, 'data');
    this.#served.set(connection, replies);
    connection.events.on('closed', () => this.#served.delete(connection));
    connection.events.on('message', (message) => {
      if (message.type === 'block-request') replies.take(message);
      else connection.close('protocol-error', `protocol-error.${message.type}`);
    });
    connection.accept();
    return true;
  }

  /** Pings, and gives up what is silent, stuck or idle. `wasBusy`: we ourselves had no time to listen until now. */
  check(wasBusy: boolean): void {
    const now = this.#options.clock.monotonic();
    // Whom we do not listen to is not silent.
    if (wasBusy || this.#isPaused) this.#silentSince = now - PING_AFTER_MS;
    const heard = Math.max(this.#silentSince, ...this.connections.map(({ lastReceived }) => lastReceived));
    if (now - heard >= DEAD_AFTER_MS) {
      this.drop('silent');
      return;
    }
    // While something large arrives slowly we have nothing to say, and what the peer would ask us is held up behind it.
    const said = Math.max(...this.connections.map(({ lastSaid }) => lastSaid));
    const isQuiet = now - Math.min(heard, said) >= PING_AFTER_MS;
    if (isQuiet && now - this.#lastPing >= PING_AFTER_MS) this.#ping();
    this.#pool.check();
    this.#requests.check();
    this.#replies.check();
    for (const [connection, replies] of this.#served) {
      replies.check();
      if (!replies.isBusy && now - connection.lastReceived >= FORGOTTEN_MS) connection.close('idle');
    }
  }

  #take(message: Exclude<Message, Hello | Goodbye | Ping>): void {
    switch (message.type) {
      case 'pong':
        this.#probes.get(message.nonce)?.(true);
        break;
      case 'block-request':
        this.#replies.take(message);
        break;
      case 'block-reply':
        this.#requests.take(message);
        break;
      default:
        this.#options.events.emit('message', this, message);
    }
  }

  #answer(connection: Connection, role: Hello['role']): BlockReplies {
    const { source, budget, clock } = this.#options;
    return new BlockReplies(connection, { device: connection.secure.device, role, source, budget, clock });
  }

  #ping(): number {
    this.#nonce = (this.#nonce + 1) >>> 0;
    this.#lastPing = this.#options.clock.monotonic();
    this.control.send({ type: 'ping', nonce: this.#nonce });
    return this.#nonce;
  }

  #end(reason: string, cause: unknown): void {
    for (const answer of [...this.#probes.values()]) answer(false);
    this.#pool.close('stopping');
    for (const connection of [...this.#served.keys()]) connection.close('stopping');
    this.#options.onEnded(this, reason, cause);
  }
}
