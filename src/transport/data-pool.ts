import type { Clock } from '../core/clock.ts';
import { MIN_BLOCK_BYTES } from '../model/block-layout.ts';
import type { Goodbye, WantedBlock } from '../wire/messages/message.ts';
import { BlockRequests } from './block-requests.ts';
import type { Connection } from './connection.ts';
import type { BlockAnswer } from './network.ts';

/** With this much under way on each connection of a lane another is opened. Bytes. */
const BUSY_BYTES = 16 * 1024 * 1024;
/** A connection that is not used for this long is closed. ms. */
export const IDLE_TIMEOUT_MS = 60_000;
/** How long requests wait for a data connection: a call that a firewall swallows fails after seconds. ms. */
const PATIENCE_MS = 1_000;
/** When no data connection can be opened, how long requests go over the control connection before the next try. ms. */
const RETRY_MS = 30_000;

interface Lane {
  readonly most: number;
  readonly open: Set<BlockRequests>;
  opening: Promise<BlockRequests> | undefined;
}

export interface DataPoolOptions {
  /** Opens a data connection to the peer, hellos exchanged. */
  readonly open: () => Promise<Connection>;
  /** The control connection: for peers that can call us and cannot be called, behind a firewall. */
  readonly fallback: BlockRequests;
  readonly clock: Clock;
}

/** The data connections over which we pull from one peer, opened as they are needed. */
export class DataPool {
  readonly #options: DataPoolOptions;
  /** What is smaller than a whole block has a connection of its own, where no large one is before it. */
  readonly #small: Lane = { most: 1, open: new Set(), opening: undefined };
  readonly #large: Lane = { most: 2, open: new Set(), opening: undefined };
  readonly #lastUsed = new WeakMap<BlockRequests, number>();
  #retryAt = -Infinity;
  /** Whether the last data connection took long to open, or could not be opened: requests do not wait for another. */
  #isSlow = false;
  #isClosed = false;

  constructor(options: DataPoolOptions) {
    this.#options = options;
  }

  get connections(): Connection[] {
    return [...this.#small.open, ...this.#large.open].map(({ connection }) => connection);
  }

  async ask(wanted: readonly WantedBlock[], compare: boolean): Promise<readonly BlockAnswer[]> {
    const lane = wanted.every(({ length }) => length < MIN_BLOCK_BYTES) ? this.#small : this.#large;
    const requests = leastBusy(lane.open) ?? (await this.#begin(lane));
    if (requests.bytesUnderWay >= BUSY_BYTES && lane.open.size < lane.most) void this.#first(lane);
    this.#lastUsed.set(requests, this.#options.clock.monotonic());
    return requests.ask(wanted, compare);
  }

  /** Gives up what is stuck and closes what is idle. To be called every now and then. */
  check(): void {
    const now = this.#options.clock.monotonic();
    for (const requests of [...this.#small.open, ...this.#large.open]) {
      requests.check();
      if (requests.bytesUnderWay > 0) this.#lastUsed.set(requests, now);
      if (now - this.#lastUsed.get(requests)! >= IDLE_TIMEOUT_MS) requests.connection.close('idle');
    }
  }

  close(reason: Goodbye['reason']): void {
    this.#isClosed = true;
    for (const connection of this.connections) connection.close(reason);
  }

  /** Where to ask while `lane` has no connection. */
  async #begin(lane: Lane): Promise<BlockRequests> {
    const { clock, fallback } = this.#options;
    const opening = this.#first(lane);
    if (this.#isSlow) return fallback;
    return new Promise((resolve) => {
      const timer = clock.after(PATIENCE_MS, () => {
        this.#isSlow = true;
        resolve(fallback);
      });
      void opening.then((requests) => {
        timer.cancel();
        resolve(requests);
      });
    });
  }

  /** A new connection of `lane`, or the one that is being opened, or the fallback. */
  async #first(lane: Lane): Promise<BlockRequests> {
    const { clock, fallback } = this.#options;
    if (clock.monotonic() < this.#retryAt || this.#isClosed) return fallback;
    lane.opening ??= this.#open(lane).finally(() => (lane.opening = undefined));
    try {
      return await lane.opening;
    } catch {
      this.#isSlow = true;
      this.#retryAt = clock.monotonic() + RETRY_MS;
      return leastBusy(lane.open) ?? fallback;
    }
  }

  async #open(lane: Lane): Promise<BlockRequests> {
    const connection = await this.#options.open();
    this.#isSlow = false;
    const requests = new BlockRequests(connection, this.#options.clock);
    this.#lastUsed.set(requests, this.#options.clock.monotonic());
    lane.open.add(requests);
    connection.events.on('closed', () => lane.open.delete(requests));
    connection.events.on('message', (message) => {
      if (message.type === 'block-reply') requests.take(message);
      else connection.close('protocol-error', `protocol-error.${message.type}`);
    });
    if (connection.isClosed) lane.open.delete(requests);
    if (this.#isClosed) connection.close('stopping');
    return requests;
  }
}

function leastBusy(open: ReadonlySet<BlockRequests>): BlockRequests | undefined {
  let least: BlockRequests | undefined;
  for (const requests of open) {
    if (!least || requests.bytesUnderWay < least.bytesUnderWay) least = requests;
  }
  return least;
}
