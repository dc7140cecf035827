/** Works that have begun before their places are given up: not each by itself, for that would move all that wait. */
const SPENT = 1000;

export interface Work {
  /** That it has in memory while it runs. */
  readonly bytes: number;
  /** Never rejects. */
  run(): Promise<void>;
}

/** Those of one peer who wait with one priority, in their order. */
interface Queue {
  readonly peer: string;
  readonly works: Work[];
  /** How many of them have had their turn. */
  begun: number;
}

/** Those who wait with one priority, by peer; the peer whose turn is next comes first. */
interface Row {
  readonly priority: number;
  readonly queues: Map<string, Queue>;
}

interface Load {
  works: number;
  bytes: number;
}

/**
 * Lets so many work at a time, on so many bytes together; of those who wait, the highest priority first, and peers in
 * turn. A queue that costs next to nothing.
 *
 * A peer whose works never end must not keep those of others waiting: all peers together may have twice as much as one,
 * and no peer more than is left for others.
 */
export class SmallLane {
  readonly #most: Load;
  /** By descending priority. */
  #rows: Row[] = [];
  readonly #all: Load = { works: 0, bytes: 0 };
  readonly #byPeer = new Map<string, Load>();

  /** @param works of one peer at a time, and their `bytes` */
  constructor(works: number, bytes: number) {
    this.#most = { works, bytes };
  }

  /** Runs `work`, on what comes from `peer`, when it is its turn. */
  enter(priority: number, peer: string, work: Work): void {
    const { queues } = this.#rowOf(priority);
    const queue = queues.get(peer);
    if (queue) {
      // Nor is it the turn of those who came before.
      queue.works.push(work);
      return;
    }
    queues.set(peer, { peer, works: [work], begun: 0 });
    this.#runNext();
  }

  /** Forgets those who wait. */
  clear(): void {
    this.#rows = [];
  }

  #runNext(): void {
    while (this.#runOne());
  }

  #runOne(): boolean {
    for (const row of this.#rows) {
      for (const queue of row.queues.values()) {
        const { peer } = queue;
        const work = queue.works[queue.begun]!;
        const { bytes } = work;
        if (!this.#hasRoom(peer, bytes)) continue;
        this.#take(row, queue);
        void this.#run(peer, work, bytes);
        return true;
      }
    }
    return false;
  }

  async #run(peer: string, work: Work, bytes: number): Promise<void> {
    this.#count(peer, 1, bytes);
    await work.run();
    this.#count(peer, -1, -bytes);
    this.#runNext();
  }

  #hasRoom(peer: string, bytes: number): boolean {
    const { works: mostWorks, bytes: mostBytes } = this.#most;
    const all = this.#all;
    const own = this.#byPeer.get(peer);
    if (!own) return all.works === 0 || (all.works < 2 * mostWorks && all.bytes + bytes <= 2 * mostBytes);
    if (own.works >= mostWorks || own.bytes + bytes > mostBytes) return false;
    return own.works < 2 * mostWorks - all.works && own.bytes + bytes <= 2 * mostBytes - all.bytes;
  }

  #count(peer: string, works: number, bytes: number): void {
    const own = this.#byPeer.get(peer) ?? { works: 0, bytes: 0 };
    this.#all.works += works;
    this.#all.bytes += bytes;
    own.works += works;
    own.bytes += bytes;
    if (own.works > 0) this.#byPeer.set(peer, own);
    else this.#byPeer.delete(peer);
  }

  /** The first of a queue has its turn; then it is that of other peers. */
  #take(row: Row, queue: Queue): void {
    const { peer } = queue;
    queue.begun += 1;
    if (row.queues.size > 1 || queue.begun === queue.works.length) row.queues.delete(peer);
    if (queue.begun === queue.works.length) {
      if (row.queues.size === 0) this.#rows.splice(this.#rows.indexOf(row), 1);
      return;
    }
    row.queues.set(peer, queue);
    if (queue.begun < SPENT) return;
    queue.works.splice(0, SPENT);
    queue.begun = 0;
  }

  #rowOf(priority: number): Row {
    const at = this.#rows.findIndex((row) => row.priority <= priority);
    const found = this.#rows[at];
    if (found?.priority === priority) return found;
    const row = { priority, queues: new Map<string, Queue>() };
    this.#rows.splice(at < 0 ? this.#rows.length : at, 0, row);
    return row;
  }
}
