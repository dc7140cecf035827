import type { LimitSettings, ScheduledLimit } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import { TokenBucket } from './token-bucket.ts';

/** ms for which the schedule is not looked at again. */
const SCHEDULE_PERIOD_MS = 10_000;
/** Longest time for which somebody waits before the limits are looked at again. ms. */
const MAX_SLEEP_MS = 1000;
/** Peers whose limits are kept apart; the one that came first is forgotten first. */
const MAX_PEERS = 1024;

export type Direction = 'down' | 'up';

/**
 * The limits of `config.yaml` on bytes a second, each way, in all and for each peer: a device, or the address of one that
 * speaks the classic protocol.
 */
export class Bandwidth {
  readonly #clock: Clock;
  readonly #total: Readonly<Record<Direction, TokenBucket>>;
  readonly #perPeer: Readonly<Record<Direction, Map<string, TokenBucket>>> = {
    down: new Map(),
    up: new Map(),
  };
  #limits: LimitSettings;
  #lookedAt = -Infinity;

  constructor(clock: Clock, limits: LimitSettings) {
    this.#clock = clock;
    this.#limits = limits;
    this.#total = { down: new TokenBucket(clock, undefined), up: new TokenBucket(clock, undefined) };
  }

  /** Takes up changed settings at once. */
  configure(limits: LimitSettings): void {
    this.#limits = limits;
    this.#lookedAt = -Infinity;
  }

  /** How long, in ms, until bytes may pass to or from `peer`; 0 when they may now. */
  delay(direction: Direction, peer: string): number {
    this.#followSchedule();
    const total = this.#total[direction].delay();
    if (this.#limits.perPeer === undefined) return total;
    return Math.max(total, this.#bucketOf(direction, peer).delay());
  }

  take(direction: Direction, peer: string, bytes: number): void {
    this.#total[direction].take(bytes);
    if (this.#limits.perPeer !== undefined) this.#bucketOf(direction, peer).take(bytes);
  }

  /** Resolves when bytes may pass to or from `peer`, and takes them. Rejects with the reason of `signal`. */
  async pass(direction: Direction, peer: string, bytes: number, signal: AbortSignal): Promise<void> {
    for (let delay = this.delay(direction, peer); delay > 0; delay = this.delay(direction, peer)) {
      await this.#clock.sleep(Math.min(delay, MAX_SLEEP_MS), signal);
    }
    this.take(direction, peer, bytes);
  }

  /** Forgets a peer that is gone. */
  forget(peer: string): void {
    this.#perPeer.down.delete(peer);
    this.#perPeer.up.delete(peer);
  }

  #bucketOf(direction: Direction, peer: string): TokenBucket {
    const buckets = this.#perPeer[direction];
    let bucket = buckets.get(peer);
    if (!bucket) {
      bucket = new TokenBucket(this.#clock, this.#limits.perPeer);
      buckets.set(peer, bucket);
      if (buckets.size > MAX_PEERS) buckets.delete(buckets.keys().next().value!);
    }
    return bucket;
  }

  #followSchedule(): void {
    const now = this.#clock.monotonic();
    if (now - this.#lookedAt < SCHEDULE_PERIOD_MS) return;
    this.#lookedAt = now;
    const scheduled = scheduledRate(this.#limits.schedule, new Date(this.#clock.now()));
    this.#total.down.rate = scheduled ?? this.#limits.down;
    this.#total.up.rate = scheduled ?? this.#limits.up;
    for (const buckets of [this.#perPeer.down, this.#perPeer.up]) {
      for (const bucket of buckets.values()) bucket.rate = this.#limits.perPeer;
    }
  }
}

/** The lowest rate, in bytes a second, of the periods that `time` (local) lies in; undefined when it is in none. */
export function scheduledRate(schedule: readonly ScheduledLimit[], time: Date): number | undefined {
  const minute = time.getHours() * 60 + time.getMinutes();
  const today = time.getDay();
  const yesterday = (today + 6) % 7;
  const current = schedule.filter(({ days, from, until }) => {
    if (from <= until) return days.includes(today) && minute >= from && minute < until;
    // A period past midnight belongs to the day on which it begins.
    return (days.includes(today) && minute >= from) || (days.includes(yesterday) && minute < until);
  });
  return current.length === 0 ? undefined : Math.min(...current.map(({ rate }) => rate));
}
