import PQueue from 'p-queue';
import type { LimitSettings } from '../config/settings.ts';
import { SmallLane, type Work } from './small-lane.ts';

/**
 * Small files of one peer at a time, and their bytes, all of which are in memory: enough to ask for some while others are
 * written, in batches that are worth their flush. Of all peers together twice as many.
 */
const SMALL_AT_A_TIME = 512;
const SMALL_BYTES = 32 * 1024 * 1024;

export interface LaneWork extends Work {
  /** Whether it is a small file. */
  readonly isSmall: boolean;
  /** The peer that it will mostly come from: counts against that peer's limit. */
  readonly peer: string;
  /** Higher goes first. */
  readonly priority: number;
}

/**
 * Who may transfer now. The limits of the settings are for large files; small ones have a lane of their own, so that
 * they pass by, many at a time.
 */
export class DownloadLanes {
  readonly #small = new SmallLane(SMALL_AT_A_TIME, SMALL_BYTES);
  readonly #large: PQueue;
  readonly #perPeer = new Map<string, PQueue>();
  #limits: Pick<LimitSettings, 'downloads' | 'downloadsPerPeer'>;

  constructor(limits: Pick<LimitSettings, 'downloads' | 'downloadsPerPeer'>) {
    this.#limits = limits;
    this.#large = new PQueue({ concurrency: limits.downloads });
  }

  configure(limits: Pick<LimitSettings, 'downloads' | 'downloadsPerPeer'>): void {
    this.#limits = limits;
    this.#large.concurrency = limits.downloads;
    for (const queue of this.#perPeer.values()) queue.concurrency = limits.downloadsPerPeer;
  }

  /** Runs `work` when it is its turn. */
  enter(work: LaneWork): void {
    const { peer, priority } = work;
    if (work.isSmall) {
      this.#small.enter(priority, peer, work);
      return;
    }
    const queue = this.#perPeer.get(peer) ?? new PQueue({ concurrency: this.#limits.downloadsPerPeer });
    this.#perPeer.set(peer, queue);
    const turn = async () => {
      await this.#large.add(() => work.run(), { priority });
      if (queue.size === 0 && queue.pending === 1) this.#perPeer.delete(peer);
    };
    void queue.add(turn, { priority });
  }

  /** Forgets those who wait. */
  clear(): void {
    for (const queue of this.#perPeer.values()) queue.clear();
    this.#large.clear();
    this.#small.clear();
  }
}
