import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Documents } from '../index/document-store.ts';

/** ms that count at most between two looks. */
const MAX_UNSEEN_MS = 7 * 86_400_000;

/** The id of the one document. */
const ID = 'last-look';

const shape = z.object({ wall: z.number(), counted: z.number() });

/**
 * Time as it counts for what is in the trash. While somebody looks now and then it runs as the computer's clock does; of
 * what passes unseen a week counts: a computer that was off all summer, or whose clock was wrong and is set, must not
 * empty the trash of what was thrown away on its last day.
 */
export class TrashClock {
  readonly #clock: Clock;
  readonly #documents: Documents;
  /** The last look: what the computer's clock said, and what counts, both in ms since the Unix epoch. */
  #last: { readonly wall: number; readonly counted: number } | undefined;

  constructor(clock: Clock, documents: Documents) {
    this.#clock = clock;
    this.#documents = documents;
  }

  /** ms since the Unix epoch, or less by what has not been counted. Never goes back. */
  now(): number {
    const { wall, counted } = (this.#last ??= this.#stored());
    return counted + Math.min(Math.max(0, this.#clock.now() - wall), MAX_UNSEEN_MS);
  }

  /** Takes note of the time, for the next process as well. */
  look(): void {
    this.#last = { counted: this.now(), wall: this.#clock.now() };
    this.#documents.write([[ID, this.#last]]);
  }

  #stored() {
    const now = this.#clock.now();
    return shape.safeParse(this.#documents.all().get(ID)).data ?? { wall: now, counted: now };
  }
}
