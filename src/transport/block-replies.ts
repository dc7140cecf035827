import type { Clock } from '../core/clock.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { BlockRequest, Hello } from '../wire/messages/message.ts';
import { answersOf, giveBack, replyWith } from './block-answers.ts';
import type { Connection } from './connection.ts';
import type { BlockAnswer, BlockSource } from './network.ts';
import type { ReplyBudget } from './reply-budget.ts';

/** Requests that are being answered at a time on one connection; their bytes are bounded below. */
const MAX_IN_SERVICE = 8;
/**
 * Bytes of blocks that are being read, or wait to be sent, on one connection: enough to read while sending. On a
 * control connection other messages wait behind them. No more than stays in the processor's cache until it is sent.
 */
const MAX_BYTES_IN_SERVICE: Readonly<Record<Hello['role'], number>> = {
  data: 4 * 1024 * 1024,
  control: 1024 * 1024,
};
/** So many requests however large: one is read while the other is sent. */
const ALWAYS_IN_SERVICE: Readonly<Record<Hello['role'], number>> = { data: 2, control: 1 };
/** Blocks that may wait to be served on a control connection, which is read all the time. */
const MAX_WAITING = 1024;
/** A reply that does not leave in this time has nobody who reads it. ms. */
const REPLY_TIMEOUT_MS = 120_000;

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
  #blocksWaiting = 0;
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
    if (this.#blocksWaiting >= MAX_WAITING && this.#options.role === 'control') {
      const outcomes = request.blocks.map(() => 'busy' as const);
      this.#connection.send({ type: 'block-reply', id: request.id, outcomes, bytes: [] });
      return;
    }
    this.#waiting.push(request);
    this.#blocksWaiting += request.blocks.length;
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
      this.#blocksWaiting -= request.blocks.length;
      void this.#answer(request);
    }
    const mustPause = this.#waiting.length > 0 && this.#options.role === 'data';
    if (mustPause === this.#isPaused) return;
    this.#isPaused = mustPause;
    if (mustPause) this.#connection.pause();
    else this.#connection.resume();
  };

  #admit(request: BlockRequest): boolean {
    if (this.#connection.isClosed || this.#inService >= MAX_IN_SERVICE) return false;
    const length = bytesOf(request);
    const { role, budget, device } = this.#options;
    const inHand = this.#inService + this.#unsent.size;
    const isFull = this.#bytesInService + length > MAX_BYTES_IN_SERVICE[role];
    if (isFull && inHand >= ALWAYS_IN_SERVICE[role]) return false;
    return budget.take(device, length, this.#pump);
  }

  async #answer(request: BlockRequest): Promise<void> {
    const length = bytesOf(request);
    this.#inService += 1;
    this.#bytesInService += length;
    try {
      const { source, device } = this.#options;
      this.#reply(request, await answersOf(source(), device, request));
    } finally {
      this.#inService -= 1;
      this.#pump();
    }
  }

  #reply(request: BlockRequest, answers: readonly BlockAnswer[]): void {
    const length = bytesOf(request);
    if (this.#connection.isClosed) return this.#release(length);
    const entry = { since: this.#options.clock.monotonic(), length };
    this.#unsent.add(entry);
    const settle = () => {
      giveBack(answers);
      // The closing of the connection has released what was left.
      if (!this.#unsent.delete(entry)) return;
      this.#release(length);
      this.#pump();
    };
    this.#connection.send(replyWith(answers, request), settle);
  }

  #release(length: number): void {
    this.#bytesInService -= length;
    this.#options.budget.give(this.#options.device, length);
  }

  #stop(): void {
    this.#waiting.length = 0;
    this.#blocksWaiting = 0;
    for (const { length } of this.#unsent) this.#release(length);
    this.#unsent.clear();
    this.#options.budget.forget(this.#pump);
  }
}

function bytesOf({ blocks }: BlockRequest): number {
  return blocks.reduce((sum, { length }) => sum + length, 0);
}
