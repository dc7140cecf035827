import type { Clock, Timer } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { QuotaExceeded } from '../index/remote-store.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { AccessPolicy } from '../security/access-policy.ts';
import type { Network, PeerSession, SessionMessage } from '../transport/network.ts';
import type { IndexUpdate } from '../wire/messages/message.ts';
import { IndexReceiver, MAX_DEVICE_BYTES, MAX_DEVICE_ENTRIES } from './index-receiver.ts';
import { IndexSender } from './index-sender.ts';
import { NoRoom } from './catalogue-room.ts';
import type { PeerCatalogue } from './peer-catalogue.ts';
import { UpdateQueue } from './update-queue.ts';

export interface IndexExchangeParts {
  readonly network: Network;
  readonly index: LocalIndex;
  readonly catalogue: PeerCatalogue;
  readonly access: AccessPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  /** ms between two queries to each peer. */
  readonly queryIntervalMs: number;
  /** Entries that one device may have; MAX_DEVICE_ENTRIES unless given. */
  readonly maxEntries?: number;
  /** Bytes that they may take in the database; MAX_DEVICE_BYTES unless given. */
  readonly maxBytes?: number;
}

/** ms within which changes go out together; the first after a pause goes at once. */
export const COALESCE_MS = 20;

/** ms within which a peer is told that we have what it made itself: while that comes, both have better things to do. */
export const NO_NEWS_MS = 5000;

/**
 * Tells every peer our index and keeps the catalogue up to theirs: a query as soon as a peer is connected, updates
 * pushed as they happen, and a query from time to time as reconciliation. `start` after the catalogue.
 */
export class IndexExchange implements Startable {
  readonly #parts: IndexExchangeParts;
  readonly #ends = new Map<PeerSession, { readonly sender: IndexSender; readonly receiver: IndexReceiver }>();
  #removals: (() => void)[] = [];
  /** Those for whom there is news. */
  readonly #waiting = new Set<IndexSender>();
  readonly #updates: UpdateQueue;
  #lastPush = -Infinity;
  #push: Timer | undefined;
  #pushOfAll: Timer | undefined;
  #started = false;

  constructor(parts: IndexExchangeParts) {
    this.#parts = parts;
    this.#updates = new UpdateQueue(parts.clock, (session, update) => this.#apply(session, update));
  }

  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const { network, index, clock, queryIntervalMs } = this.#parts;
    const reconciliation = clock.every(queryIntervalMs, () => this.#reconcile());
    this.#removals = [
      network.events.on('connected', (session) => this.#met(session)),
      network.events.on('disconnected', (session) => this.#left(session)),
      network.events.on('message', (session, message) => this.#received(session, message)),
      index.events.on('changed', (entries) => this.#changed(entries)),
      () => reconciliation.cancel(),
    ];
    for (const session of network.sessions()) this.#met(session);
  }

  async stop(): Promise<void> {
    this.#started = false;
    for (const remove of this.#removals) remove();
    this.#removals = [];
    this.#push?.cancel();
    this.#push = undefined;
    this.#pushOfAll?.cancel();
    this.#pushOfAll = undefined;
    for (const session of [...this.#ends.keys()]) this.#left(session);
  }

  #met(session: PeerSession): void {
    const { index, access, catalogue, logger } = this.#parts;
    const { maxEntries: entries = MAX_DEVICE_ENTRIES, maxBytes: bytes = MAX_DEVICE_BYTES } = this.#parts;
    const { device, name } = session;
    const sender = new IndexSender(session, index, access, (error) => {
      logger.error('catalogue.send-failed', { device, name, reason: String(error) });
    });
    const receiver = new IndexReceiver(session, catalogue, { entries, bytes });
    this.#ends.set(session, { sender, receiver });
    this.#orTell(session, () => receiver.ask());
  }

  #left(session: PeerSession): void {
    const sender = this.#ends.get(session)?.sender;
    if (!sender) return;
    sender.stop();
    this.#updates.forget(session);
    this.#waiting.delete(sender);
    this.#ends.delete(session);
  }

  #received(session: PeerSession, message: SessionMessage): void {
    const end = this.#ends.get(session);
    if (!end) return;
    if (message.type === 'index-query') end.sender.answer(message);
    if (message.type !== 'index-update') return;
    this.#updates.add(session, message);
  }

  #apply(session: PeerSession, update: IndexUpdate): void {
    this.#orTell(session, () => this.#ends.get(session)?.receiver.receive(update));
  }

  /** What the device says is asked for again by and by when the database does not take it, or there is no room. */
  #orTell({ device, name }: PeerSession, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof QuotaExceeded) {
        this.#parts.logger.warn('catalogue.device-full', { device, name });
        return;
      }
      const reason = error instanceof NoRoom ? error.reason : String(error);
      this.#parts.logger.error('catalogue.update-failed', { device, name, reason });
    }
  }

  #changed(entries: readonly FileEntry[]): void {
    for (const { sender } of this.#ends.values()) {
      if (!this.#waiting.has(sender) && sender.isNews(entries)) this.#waiting.add(sender);
    }
    if (this.#waiting.size > 0) this.#pushSoon();
    if (this.#waiting.size === this.#ends.size) return;
    this.#pushOfAll ??= this.#parts.clock.after(NO_NEWS_MS, () => {
      this.#pushOfAll = undefined;
      for (const { sender } of this.#ends.values()) sender.push();
    });
  }

  #pushSoon(): void {
    if (this.#push) return;
    const wait = this.#lastPush + COALESCE_MS - this.#parts.clock.monotonic();
    if (wait <= 0) this.#pushNews();
    else {
      this.#push = this.#parts.clock.after(wait, () => {
        this.#push = undefined;
        this.#pushNews();
      });
    }
  }

  #pushNews(): void {
    this.#lastPush = this.#parts.clock.monotonic();
    for (const sender of this.#waiting) sender.push();
    this.#waiting.clear();
  }

  #reconcile(): void {
    for (const [session, { receiver }] of this.#ends) this.#orTell(session, () => receiver.reconcile());
  }
}
