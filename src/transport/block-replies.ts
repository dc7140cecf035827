import { blockBuffers } from '../core/buffer-pool.ts';
import type { Clock } from '../core/clock.ts';
import { isCompartidosError } from '../core/errors.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { BlockRequest, Hello, Refusal } from '../wire/messages/message.ts';
import type { Connection } from './connection.ts';
import type { BlockSource } from './network.ts';
import type { ReplyBudget } from './reply-budget.ts';

/**
 * Requests that are being answered at a time on one connection. Small files come by the hundred, and reading many of
 * them at once is cheaper; their bytes are bounded below.
 */
const MAX_IN_SERVICE: Readonly<Record<Hello['role'], number>> = { data: 128, control: 8 };
/**
 * Bytes of blocks that are being read, or wait to be sent, on one connection: enough to read while sending. On a
 * control connection other messages wait behind them.
 */
const MAX_BYTES_IN_SERVICE: Readonly<Record<Hello['role'], number>> = {
  data: 32 * 1024 * 1024,
  control: 1024 * 1024,
};
/** Requests that may wait on a control connection, which is read all the time. */
const MAX_WAITING = 1024;
/** A reply that does not leave in this time has nobody who reads it. ms. */
export const REPLY_TIMEOUT_MS = 120_000;

const REASONS: readonly string[] = [
  'not-found',
  'denied',
  'changed',
  'busy',
  'failed',
] satisfies Refusal['reason'][];

export interface BlockRepliesOptions {
  readonly device: DeviceId;
  readonly role: Hello['role'];
  /** Undefined as long as nobody answers requests. */
  readonly source: () => BlockSource | undefined;
  readonly budget: ReplyBudget;
  readonly clock: Clock;
}

/** Answers the requests of one connection, and reads no more of them than it can answer. */
export class BlockReplies {
  readonly #connection: Connection;
  readonly #options: BlockRepliesOptions;
  readonly #waiting: BlockRequest[] = [];
  /** When each reply that waits to be sent was handed over, on the monotonic clock, oldest first. ms. */
  readonly #unsent = new Set<{ readonly since: number; readonly length: number }>();
  #inService = 0;
  #bytesInService = 0;
  #isPaused = false;

  constructor(connection: Connection, options: BlockRepliesOptions) {
    this.#connection = connection;
    this.#options = options;
    connection.events.on('closed', () => this.#stop());
  }

  take(request: BlockRequest): void {
    if (this.#waiting.length >= MAX_WAITING && this.#options.role === 'control') {
      this.#connection.send({ type: 'refusal', id: request.id, reason: 'busy' });
      return;
    }
    this.#waiting.push(request);
    this.#pump();
  }

  /** Whether a request is being answered. */
  get isBusy(): boolean {
    return this.#bytesInService > 0 || this.#waiting.length > 0;
  }

  /** Gives up a connection that nobody reads from. To be called every now and then. */
  check(): void {
    for (const { since } of this.#unsent) {
      if (this.#options.clock.monotonic() - since >= REPLY_TIMEOUT_MS)
        this.#connection.destroy('not-reading');
      return;
    }
  }

  readonly #pump = (): void => {
    for (let request = this.#waiting[0]; request && this.#admit(request); request = this.#waiting[0]) {
      this.#waiting.shift();
      void this.#answer(request);
    }
    const mustPause = this.#waiting.length > 0 && this.#options.role === 'data';
    if (mustPause === this.#isPaused) return;
    this.#isPaused = mustPause;
    if (mustPause) this.#connection.pause();
    else this.#connection.resume();
  };

  #admit({ length }: BlockRequest): boolean {
    if (this.#connection.isClosed || this.#inService >= MAX_IN_SERVICE[this.#options.role]) return false;
    const most = MAX_BYTES_IN_SERVICE[this.#options.role];
    if (this.#bytesInService > 0 && this.#bytesInService + length > most) return false;
    return this.#options.budget.take(length, this.#pump);
  }

  async #answer(request: BlockRequest): Promise<void> {
    const { length } = request;
    this.#inService += 1;
    this.#bytesInService += length;
    try {
      const bytes = await this.#read(request);
      if (typeof bytes === 'string') {
        this.#connection.send({ type: 'refusal', id: request.id, reason: bytes });
        this.#release(length);
      } else {
        this.#reply(request, bytes);
      }
    } finally {
      this.#inService -= 1;
      this.#pump();
    }
  }

  #reply({ id, length }: BlockRequest, bytes: Uint8Array): void {
    if (this.#connection.isClosed) return this.#release(length);
    const entry = { since: this.#options.clock.monotonic(), length };
    this.#unsent.add(entry);
    const settle = () => {
      blockBuffers.give(bytes);
      // The closing of the connection has released what was left.
      if (!this.#unsent.delete(entry)) return;
      this.#release(length);
      this.#pump();
    };
    this.#connection.send({ type: 'block-reply', id, bytes }, settle);
  }

  async #read(request: BlockRequest): Promise<Uint8Array | Refusal['reason']> {
    const source = this.#options.source();
    if (!source) return 'busy';
    try {
      const bytes = await source({ device: this.#options.device }, request);
      return bytes.length === request.length ? bytes : 'changed';
    } catch (error) {
      const reason = isCompartidosError(error, 'REQUEST_REFUSED') ? error.params['reason'] : undefined;
      return typeof reason === 'string' && REASONS.includes(reason)
        ? (reason as Refusal['reason'])
        : 'failed';
    }
  }

  #release(length: number): void {
    this.#bytesInService -= length;
    this.#options.budget.give(length);
  }

  #stop(): void {
    this.#waiting.length = 0;
    for (const { length } of this.#unsent) this.#release(length);
    this.#unsent.clear();
    this.#options.budget.forget(this.#pump);
  }
}
