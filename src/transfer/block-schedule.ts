import type { Clock, Timer } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { blockRange } from '../model/block-layout.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Network } from '../transport/network.ts';
import type { Bandwidth } from './bandwidth.ts';
import type { BlockAsker } from './block-asker.ts';
import { isSmall } from './download-order.ts';
import type { Liars } from './liars.ts';
import type { Pull } from './pull.ts';
import { insertByRank, isSpent } from './pull-order.ts';
import type { PullSource } from './pull-source.ts';

export interface BlockScheduleParts {
  readonly network: Pick<Network, 'session' | 'sessions'>;
  readonly asker: Pick<BlockAsker, 'mayAsk' | 'ask' | 'send'>;
  readonly liars: Pick<Liars, 'has'>;
  readonly bandwidth: Pick<Bandwidth, 'delay' | 'take'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Pulls that are offered to sources in vain before they are sorted out. */
const MAX_SPENT = 16;

/** What a source can take no more of for now: blocks of large files only, or any. */
type Full = 'of large' | 'of all';

/**
 * Decides which source is asked for which block, and when: in the order of rank, each source for as many as its pace
 * allows, so that a small file passes between the blocks of a large one. Those of one rank take turns.
 */
export class BlockSchedule {
  readonly #parts: BlockScheduleParts;
  /** Pulls with blocks that nobody has been asked for, and a few without. By rank, then by age. */
  #open: Pull[] = [];
  #throttled: Timer | undefined;
  #isFilling = false;

  constructor(parts: BlockScheduleParts) {
    this.#parts = parts;
  }

  /** Takes in a pull that has just begun. */
  add(pull: Pull): void {
    insertByRank(this.#open, pull);
  }

  /** There is something to ask for in `pull` after all. */
  reopen(pull: Pull): void {
    if (!pull.over && !this.#open.includes(pull)) insertByRank(this.#open, pull);
  }

  /** Sends what may be sent. */
  fill(): void {
    this.#fill(this.#open, false);
  }

  /** The same, before long: those that begin or end in the same turn are asked for together. */
  fillSoon(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    queueMicrotask(() => {
      this.#isFilling = false;
      this.fill();
    });
  }

  /** Sends what may be sent, and asks a second source for what the first one is slow with, in any of `pulls`. */
  fillAgain(pulls: readonly Pull[]): void {
    this.fill();
    this.#fill([...pulls], true);
  }

  stop(): void {
    this.#throttled?.cancel();
    this.#throttled = undefined;
  }

  #fill(pulls: readonly Pull[], again: boolean): void {
    const { network, clock, asker } = this.#parts;
    const now = clock.monotonic();
    const full = new Map<DeviceId, Full>();
    const peers = network.sessions().length;
    const had: Pull[] = [];
    let closed = 0;
    let spent = 0;
    for (const pull of pulls) {
      if (closed >= peers) break;
      if (pull.unasked <= 0 && !again) {
        spent += 1;
        continue;
      }
      const { unasked } = pull;
      const small = isSmall(pull.content);
      for (const source of pull.sources) {
        const of = full.get(source.device);
        if (of === 'of all' || (of === 'of large' && !small)) continue;
        const fullNow = this.#askAll(pull, source, now, small, again);
        if (fullNow) full.set(source.device, fullNow);
        if (fullNow === 'of all') closed += 1;
      }
      if (pull.unasked > 0 && pull.unasked < unasked) had.push(pull);
    }
    asker.send();
    while (this.#open[0] && isSpent(this.#open[0])) this.#open.shift();
    // Others among them are passed over until there are many.
    if (spent > MAX_SPENT) this.#open = this.#open.filter((pull) => !isSpent(pull));
    for (const pull of had) this.#toTheEnd(pull);
  }

  /** Others of its rank go first the next time. */
  #toTheEnd(pull: Pull): void {
    const position = this.#open.indexOf(pull);
    if (position < 0 || this.#open[position + 1]?.rank !== pull.rank) return;
    this.#open.splice(position, 1);
    insertByRank(this.#open, pull);
  }

  /**
   * Asks one source for all that may be asked of it; when `again`, also for what others were asked for. Returns what it
   * could take no more of, if any.
   */
  #askAll(pull: Pull, source: PullSource, now: number, small: boolean, again: boolean): Full | undefined {
    const { network, asker, liars, random, bandwidth } = this.#parts;
    const { device } = source;
    const session = network.session(device);
    if (!session) return undefined;
    if (liars.has(device)) return 'of all';
    while (!pull.over && (again || pull.unasked > 0)) {
      const index = pull.pick(device, now, () => random.next());
      if (index === undefined) return undefined;
      const { length } = blockRange(pull.content.size, index);
      if (!asker.mayAsk(device, length, small)) return small ? 'of all' : 'of large';
      const delay = bandwidth.delay('down', device);
      if (delay > 0) {
        this.#fillIn(delay);
        return 'of all';
      }
      bandwidth.take('down', device, length);
      pull.asked(index, device, now);
      asker.ask(session, { pull, source, index, length });
    }
    return undefined;
  }

  #fillIn(ms: number): void {
    this.#throttled ??= this.#parts.clock.after(ms, () => {
      this.#throttled = undefined;
      this.fill();
    });
  }
}
