import type { Clock } from '../core/clock.ts';
import { CompartidosError } from '../core/errors.ts';
import type { BlockReply, BlockRequest, Refusal } from '../wire/messages/message.ts';
import type { Connection } from './connection.ts';

/** A connection with requests under way on which nothing of a reply arrives for this long is given up. ms. */
export const STALL_TIMEOUT_MS = 15_000;
/** A request that is not answered for this long, although others are, is given up. ms. */
export const REQUEST_TIMEOUT_MS = 600_000;
const IDS = 2 ** 32;

/** What is asked for: a block of a file. */
export type WantedBlock = Omit<BlockRequest, 'type' | 'id'>;

interface Pending {
  readonly length: number;
  /** When it was asked, on the monotonic clock. ms. */
  readonly asked: number;
  readonly resolve: (bytes: Uint8Array) => void;
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

  /**
   * Rejects with REQUEST_REFUSED, REQUEST_TIMED_OUT, CONNECTION_CLOSED, ABORTED, or MESSAGE_INVALID when the answer has
   * another length.
   */
  ask(wanted: WantedBlock, signal?: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new CompartidosError('ABORTED'));
      if (this.connection.isClosed)
        return reject(new CompartidosError('CONNECTION_CLOSED', { reason: 'closed' }));
      const id = this.#newId();
      const now = this.#clock.monotonic();
      if (this.#pending.size === 0) this.#lastProgress = now;
      const abort = () => this.#settle(id)?.reject(new CompartidosError('ABORTED'));
      signal?.addEventListener('abort', abort, { once: true });
      this.#bytesUnderWay += wanted.length;
      this.#pending.set(id, {
        length: wanted.length,
        asked: now,
        resolve: (bytes) => {
          signal?.removeEventListener('abort', abort);
          resolve(bytes);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', abort);
          reject(error);
        },
      });
      this.connection.send({ type: 'block-request', id, ...wanted });
    });
  }

  /** An answer has come. */
  take(answer: BlockReply | Refusal): void {
    this.#lastProgress = this.#clock.monotonic();
    const pending = this.#settle(answer.id);
    // Given up meanwhile.
    if (!pending) return;
    if (answer.type === 'refusal') {
      pending.reject(new CompartidosError('REQUEST_REFUSED', { reason: answer.reason }));
    } else if (answer.bytes.length !== pending.length) {
      pending.reject(new CompartidosError('MESSAGE_INVALID', { field: 'length' }));
      this.connection.close('protocol-error', 'protocol-error.length');
    } else {
      pending.resolve(answer.bytes);
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
