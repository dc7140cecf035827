/** Works that have begun before their places are given up: not each by itself, for that would move all that wait. */
const SPENT = 1000;

/** Those who wait with one priority, in their order. */
interface Row {
  readonly priority: number;
  readonly works: (() => Promise<void>)[];
  /** How many of them have had their turn. */
  begun: number;
}

/** Lets so many work at a time; of those who wait, the highest priority first. A queue that costs next to nothing. */
export class SmallLane {
  readonly #concurrency: number;
  /** By descending priority. */
  #rows: Row[] = [];
  #working = 0;
  #idle: (() => void)[] = [];

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Runs `work`, which never rejects, when it is its turn. */
  enter(priority: number, work: () => Promise<void>): void {
    if (this.#working < this.#concurrency) this.#run(work);
    else this.#rowOf(priority).works.push(work);
  }

  /** Forgets those who wait. */
  clear(): void {
    this.#rows = [];
  }

  /** Resolves when nobody is working. */
  async idle(): Promise<void> {
    if (this.#working > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #run(work: () => Promise<void>): void {
    this.#working += 1;
    void work().then(() => {
      this.#working -= 1;
      const next = this.#next();
      if (next) this.#run(next);
      if (this.#working === 0) for (const tell of this.#idle.splice(0)) tell();
    });
  }

  #next(): (() => Promise<void>) | undefined {
    const row = this.#rows[0];
    if (!row) return undefined;
    const work = row.works[row.begun]!;
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
