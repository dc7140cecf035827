/**
 * When to ask the network who is there, on one interface. Rounds come after 0, 1, 1, 2, 4 … 60 s. Every query of
 * our own must be heard by ourselves (multicast loops back): if several in a row are not, the socket is deaf.
 */
export interface QuerySchedule {
  /** Rounds since the start or the last change of the network. */
  readonly round: number;
  /** Queries in a row that we sent and did not hear. */
  readonly unheard: number;
  /** Another host has asked the same since our last round. */
  readonly askedByOther: boolean;
}

export type RoundAction = 'query' | 'skip' | 'recreate';

export const FIRST_ROUND: QuerySchedule = { round: 0, unheard: 0, askedByOther: false };

/** For when somebody was lost: the rounds begin anew, a moment later, so that not all who lost them ask. */
export const SECOND_ROUND: QuerySchedule = { ...FIRST_ROUND, round: 1 };

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;
/** Delays are shortened by up to this part of them, so that hosts that started together drift apart. */
const JITTER = 0.25;
const UNHEARD_UNTIL_DEAF = 3;
/**
 * The part of the rounds in which we ask although another host has just asked: whoever pretends to be the others cannot
 * silence us. By chance, not by count: hosts that started together would all ask at once.
 */
const ASKED_ANYWAY = 1 / 32;

/**
 * What to do in the round that is due, and the schedule after it; `random` in [0, 1). A round is skipped when another
 * host has just asked the same: its answers are for everybody (RFC 6762 section 7.3).
 */
export function takeRound(
  schedule: QuerySchedule,
  random: number,
): { action: RoundAction; next: QuerySchedule } {
  const { round, unheard, askedByOther } = schedule;
  if (unheard >= UNHEARD_UNTIL_DEAF) return { action: 'recreate', next: FIRST_ROUND };
  const next = { round: round + 1, unheard, askedByOther: false };
  if (askedByOther && random >= ASKED_ANYWAY) return { action: 'skip', next };
  return { action: 'query', next: { ...next, unheard: unheard + 1 } };
}

/**
 * ms until the next round, after `takeRound`; `random` in [0, 1). While a query of ours is unheard the next round
 * comes soon; once it was heard, ask again.
 */
export function delayToNextRound({ round, unheard }: QuerySchedule, random: number): number {
  if (unheard > 0) return FIRST_DELAY_MS;
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(16, Math.max(0, round - 2)));
  return delay * (1 - JITTER * random);
}

/** After our own query came back. */
export function heardOurselves(schedule: QuerySchedule): QuerySchedule {
  return { ...schedule, unheard: 0 };
}

/** After another host's identical query. */
export function heardOther(schedule: QuerySchedule): QuerySchedule {
  return { ...schedule, askedByOther: true };
}
