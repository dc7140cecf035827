import type { Clock, Timer } from '../core/clock.ts';
import type { PeerSession } from '../transport/network.ts';
import type { IndexUpdate } from '../wire/messages/message.ts';

/** Entries that are stored at a time: some 15 ms of work. Agents send no more in one update. */
export const SLICE_ENTRIES = 1000;

/**
 * Hands updates on: at once where they are as small as agents send them, others in slices, one in each turn of the event
 * loop, and sessions in turn, so that nobody who sends much holds up everything else. What a session sends is handed on
 * in its order; while much of it waits it is not read from.
 */
export class UpdateQueue {
  readonly #clock: Clock;
  readonly #apply: (session: PeerSession, update: IndexUpdate) => void;
  /** The session whose turn is next comes first. */
  readonly #waiting = new Map<PeerSession, IndexUpdate[]>();
  #turn: Timer | undefined;

  /** @param apply may call `forget`. */
  constructor(clock: Clock, apply: (session: PeerSession, update: IndexUpdate) => void) {
    this.#clock = clock;
    this.#apply = apply;
  }

  /** @param update is valid by itself. */
  add(session: PeerSession, update: IndexUpdate): void {
    const waiting = this.#waiting.get(session);
    if (waiting) waiting.push(...slicesOf(update));
    else if (update.entries.length <= SLICE_ENTRIES) this.#apply(session, update);
    else {
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
      this.#next();
      if (this.#waiting.size > 0) this.#schedule();
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

/** Updates that follow one another and say the same together. */
function slicesOf(update: IndexUpdate): IndexUpdate[] {
  const slices: IndexUpdate[] = [];
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
