import { QuotaExceeded, type IndexPart, type Quota } from '../index/remote-store.ts';
import type { PeerSession } from '../transport/network.ts';
import type { IndexUpdate } from '../wire/messages/message.ts';
import type { PeerCatalogue } from './peer-catalogue.ts';

/** Entries, tombstones included, that one device may have in the catalogue. */
export const MAX_DEVICE_ENTRIES = 2_000_000;
/** Bytes that they may take, as `Totals.stored` counts them. 4 GiB. */
export const MAX_DEVICE_BYTES = 4 * 1024 ** 3;

/**
 * Keeps the catalogue up to one peer's index. What is known of it is in the catalogue; an update that does not
 * continue there is asked for again.
 */
export class IndexReceiver {
  readonly #session: PeerSession;
  readonly #catalogue: PeerCatalogue;
  readonly #quota: Quota;
  /** A query is under way, from this sequence. */
  #asked: number | undefined;
  /** An update has come since the last reconciliation. */
  #heard = false;
  /** The device has more than it may have here, and is not asked for what follows unless it begins anew. */
  #isFull = false;

  constructor(session: PeerSession, catalogue: PeerCatalogue, quota: Quota) {
    this.#session = session;
    this.#catalogue = catalogue;
    this.#quota = quota;
  }

  /** Asks for what is not known yet. */
  ask(): void {
    const { indexId, sequence } = this.#catalogue.totals(this.#session.device);
    this.#asked = sequence;
    this.#session.send({ type: 'index-query', indexId, after: sequence });
  }

  /**
   * Asks again, unless updates have come since the last time: then the peer is telling all that it has anyway. What
   * there is no room for is not asked for.
   */
  reconcile(): void {
    if (!this.#heard && !this.#isFull && !this.#catalogue.shortage) this.ask();
    this.#heard = false;
  }

  /**
   * Takes in an update.
   * @throws QuotaExceeded, NoRoom, SqliteError. Then it is not stored, and nothing that follows it either.
   */
  receive(update: IndexUpdate): void {
    const { indexId, after, until, entries } = update;
    const { device } = this.#session;
    const known = this.#catalogue.totals(device);
    const other = indexId !== known.indexId;
    const fresh = after === 0 && (other || known.sequence > 0);
    if (!fresh && (other || after > known.sequence)) {
      // It does not continue what is known. One question is enough, however many updates follow before its answer; a
      // peer whose index was made anew answers from its beginning.
      if (this.#asked === undefined) this.ask();
      return;
    }
    this.#heard = true;
    if (fresh) this.#isFull = false;
    if (fresh || after === this.#asked) this.#asked = undefined;
    const news = fresh ? entries : entries.filter(({ sequence }) => sequence > known.sequence);
    if (!fresh && news.length === 0 && until <= known.sequence) return;
    this.#store({ indexId, fresh, until, entries: news }, known.sequence);
  }

  #store(part: IndexPart, known: number): void {
    try {
      this.#catalogue.put(this.#session.device, part, this.#quota);
    } catch (error) {
      this.#isFull = error instanceof QuotaExceeded;
      // What follows will not fit either. Asking at once would have it sent over and over for as long as the disk is
      // full; the next reconciliation asks.
      this.#asked = known;
      this.#heard = false;
      throw error;
    }
  }
}
