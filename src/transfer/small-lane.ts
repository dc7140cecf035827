/** Works that have begun before their places are given up: not each by itself, for that would move all that wait. */
const SPENT = 1000;

interface Work {
  readonly bytes: number;
  readonly run: () => Promise<void>;
}

/** Those who wait with one priority, in their order. */
interface Row {
  readonly priority: number;
  readonly works: Work[];
  /** How many of them have had their turn. */
  begun: number;
}

/**
 * Lets so many work at a time, on so many bytes together; of those who wait, the highest priority first. A queue that
 * costs next to nothing.
 */
export class SmallLane {
  readonly #concurrency: number;
  readonly #maxBytes: number;
  /** By descending priority. */
  #rows: Row[] = [];
  #working = 0;
  #bytes = 0;

  constructor(concurrency: number, maxBytes: number) {
    this.#concurrency = concurrency;
    this.#maxBytes = maxBytes;
  }

  /** Runs `run`, which never rejects and works on so many bytes, when it is its turn. */
  enter(priority: number, bytes: number, run: () => Promise<void>): void {
    this.#rowOf(priority).works.push({ bytes, run });
    this.#runNext();
  }

  /** Forgets those who wait. */
  clear(): void {
    this.#rows = [];
  }

  #runNext(): void {
    for (let work = this.#next(); work; work = this.#next()) {
      const { bytes } = work;
      this.#working += 1;
      this.#bytes += bytes;
      void work.run().then(() => {
        this.#working -= 1;
        this.#bytes -= bytes;
        this.#runNext();
      });
    }
  }

  #next(): Work | undefined {
    const row = this.#rows[0];
    if (!row || this.#working >= this.#concurrency) return undefined;
    const work = row.works[row.begun]!;
    if (this.#working > 0 && this.#bytes + work.bytes > this.#maxBytes) return undefined;
    row.begun += 1;
    if (row.begun === row.works.length) this.#rows.shift();
    else if (row.begun === SPENT) {
      row.works.splice(0, SPENT);
      row.begun = 0;
    }
    return work;
  }

  #rowOf(priority: number): Row {
    const at = this.#rows.findIndex((row) => row.priority <= priority);
    const found = this.#rows[at];
    if (found?.priority === priority) return found;
    const row = { priority, works: [], begun: 0 };
    this.#rows.splice(at < 0 ? this.#rows.length : at, 0, row);
    return row;
  }
}
