import type { Clock, Timer } from '../core/clock.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { PeerSession } from '../transport/network.ts';
import type { IndexUpdate } from '../wire/messages/message.ts';

/** Entries that are stored at a time: some 15 ms of work. Agents send no more in one update. */
export const SLICE_ENTRIES = 1000;

/** An update, or a part of one, with entries of its own. */
interface Slice extends Omit<IndexUpdate, 'until' | 'entries'> {
  until: number;
  readonly entries: FileEntry[];
}

/**
 * Hands updates on, one in each turn of the event loop, and sessions in turn, so that nobody who sends much or often holds
 * up everything else: each is a transaction that waits for the disk, however small it is, and thousands of small ones come
 * with one read. The first goes on at once. What a session sends is handed on in its order, and what follows one another
 * together, in slices that are no larger than what agents send; while some of it waits it is not read from.
 */
export class UpdateQueue {
  readonly #clock: Clock;
  readonly #apply: (session: PeerSession, update: IndexUpdate) => void;
  /** The session whose turn is next comes first. */
  readonly #waiting = new Map<PeerSession, Slice[]>();
  /** Until it comes, nothing more is handed on. */
  #turn: Timer | undefined;

  /** @param apply may call `forget`. */
  constructor(clock: Clock, apply: (session: PeerSession, update: IndexUpdate) => void) {
    this.#clock = clock;
    this.#apply = apply;
  }

  /** @param update is valid by itself. */
  add(session: PeerSession, update: IndexUpdate): void {
    const waiting = this.#waiting.get(session);
    if (waiting) append(waiting, update);
    else if (!this.#turn && update.entries.length <= SLICE_ENTRIES) {
      this.#schedule();
      this.#apply(session, update);
    } else {
      this.#waiting.set(session, slicesOf(update));
      session.pause();
      this.#schedule();
    }
  }

  /** What waits of a session is not handed on any more. */
  forget(session: PeerSession): void {
    if (this.#waiting.delete(session)) session.resume();
    if (this.#waiting.size > 0) return;
    this.#turn?.cancel();
    this.#turn = undefined;
  }

  #schedule(): void {
    this.#turn ??= this.#clock.after(0, () => {
      this.#turn = undefined;
      if (this.#waiting.size === 0) return;
      this.#schedule();
      this.#next();
    });
  }

  #next(): void {
    for (const [session, slices] of this.#waiting) {
      this.#apply(session, slices.shift()!);
      // It may have ended over that.
      if (!this.#waiting.delete(session)) return;
      if (slices.length > 0) this.#waiting.set(session, slices);
      else session.resume();
      return;
    }
  }
}

/** Adds `update` to what waits, to the last of it where it continues that. */
function append(waiting: Slice[], update: IndexUpdate): void {
  const last = waiting.at(-1);
  const isNext = last?.indexId === update.indexId && last.until === update.after;
  if (isNext && last.entries.length + update.entries.length <= SLICE_ENTRIES) {
    last.until = update.until;
    last.entries.push(...update.entries);
  } else waiting.push(...slicesOf(update));
}

/** Updates that follow one another and say the same together. */
function slicesOf(update: IndexUpdate): Slice[] {
  const slices: Slice[] = [];
  let { after } = update;
  for (let at = 0; at === 0 || at < update.entries.length; at += SLICE_ENTRIES) {
    const entries = update.entries.slice(at, at + SLICE_ENTRIES);
    const isLast = at + SLICE_ENTRIES >= update.entries.length;
    const until = isLast ? update.until : entries.at(-1)!.sequence;
    slices.push({ ...update, after, until, entries });
    after = until;
  }
  return slices;
}
