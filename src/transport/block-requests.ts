import type { Clock } from '../core/clock.ts';
import { CompartidosError } from '../core/errors.ts';
import type { BlockReply, WantedBlock } from '../wire/messages/message.ts';
import { answersIn } from './block-answers.ts';
import type { Connection } from './connection.ts';
import type { BlockAnswer } from './network.ts';

/** A connection with requests under way on which nothing of a reply arrives for this long is given up. ms. */
const STALL_TIMEOUT_MS = 15_000;
/** A request that is not answered for this long, although others are, is given up. ms. */
export const REQUEST_TIMEOUT_MS = 600_000;
const IDS = 2 ** 32;

interface Pending {
  readonly wanted: readonly WantedBlock[];
  /** Bytes of all of them. */
  readonly length: number;
  /** When they were asked for, on the monotonic clock. ms. */
  readonly asked: number;
  readonly resolve: (answers: readonly BlockAnswer[]) => void;
  readonly reject: (error: CompartidosError) => void;
}

/** The requests that we have under way on one connection. */
export class BlockRequests {
  readonly connection: Connection;
  readonly #clock: Clock;
  /** In the order of asking. */
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #bytesUnderWay = 0;
  #lastProgress = 0;

  constructor(connection: Connection, clock: Clock) {
    this.connection = connection;
    this.#clock = clock;
    connection.events.on('closed', (reason) =>
      this.#failAll(new CompartidosError('CONNECTION_CLOSED', { reason })),
    );
  }

  /** Bytes that were asked for and are not here. */
  get bytesUnderWay(): number {
    return this.#bytesUnderWay;
  }

  /** Rejects with REQUEST_TIMED_OUT, CONNECTION_CLOSED, or MESSAGE_INVALID when the reply does not fit the request. */
  ask(wanted: readonly WantedBlock[], compare: boolean): Promise<readonly BlockAnswer[]> {
    return new Promise((resolve, reject) => {
      if (this.connection.isClosed)
        return reject(new CompartidosError('CONNECTION_CLOSED', { reason: 'closed' }));
      const id = this.#newId();
      const asked = this.#clock.monotonic();
      if (this.#pending.size === 0) this.#lastProgress = asked;
      const length = wanted.reduce((sum, block) => sum + block.length, 0);
      this.#bytesUnderWay += length;
      this.#pending.set(id, { wanted, length, asked, resolve, reject });
      this.connection.send({ type: 'block-request', id, blocks: wanted, compare });
    });
  }

  /** A reply has come. */
  take(reply: BlockReply): void {
    this.#lastProgress = this.#clock.monotonic();
    const pending = this.#settle(reply.id);
    const answers = answersIn(reply, pending?.wanted ?? []);
    // Given up meanwhile.
    if (!pending) return;
    if (answers) pending.resolve(answers);
    else {
      pending.reject(new CompartidosError('MESSAGE_INVALID', { field: 'block-reply' }));
      this.connection.close('protocol-error', 'protocol-error.block-reply');
    }
  }

  /** Gives up what has taken too long. To be called every now and then. */
  check(): void {
    const now = this.#clock.monotonic();
    // Nothing else is as large as a block: a message that is arriving just now may be taken for a part of a reply.
    if (this.connection.isReceiving)
      this.#lastProgress = Math.max(this.#lastProgress, this.connection.lastReceived);
    for (const [id, { asked }] of this.#pending) {
      if (now - asked < REQUEST_TIMEOUT_MS) break;
      this.#settle(id)?.reject(new CompartidosError('REQUEST_TIMED_OUT'));
    }
    if (this.#pending.size === 0 || now - this.#lastProgress < STALL_TIMEOUT_MS) return;
    this.#failAll(new CompartidosError('REQUEST_TIMED_OUT'));
    this.connection.destroy('stalled');
  }

  #newId(): number {
    do this.#nextId = (this.#nextId + 1) % IDS;
    while (this.#pending.has(this.#nextId));
    return this.#nextId;
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    this.#pending.delete(id);
    this.#bytesUnderWay -= pending.length;
    return pending;
  }

  #failAll(error: CompartidosError): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error);
  }
}
