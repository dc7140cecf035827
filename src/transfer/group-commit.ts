interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Items in one batch. */
const MAX_BATCH = 512;

/** Batches that are committed at the same time: while one waits for the disk, another one is prepared or recorded. */
const MAX_COMMITS = 3;

/**
 * Commits items in batches: whatever arrives while others are committed goes with the next. Nobody waits for company, and
 * under load the price of a commit is shared.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (batch: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>;
  #waiting: Waiting<Item, Result>[] = [];
  #commits = 0;

  /** `commit` gives each item's result in the same order; when it rejects, all of the batch have failed. */
  constructor(commit: (batch: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>) {
    this.#commit = commit;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#commits < MAX_COMMITS) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#commits += 1;
    // Those who arrive in the same turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        const results = await this.#commit(batch.map(({ item }) => item));
        batch.forEach(({ resolve, reject }, position) => {
          const result = results[position]!;
          if (result.status === 'fulfilled') resolve(result.value);
          else reject(result.reason);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#commits -= 1;
  }
}

/** Takes what has come so far one step further, all of it together; whatever has failed stays as it is. */
export function further<Before, After>(
  results: readonly PromiseSettledResult<Before>[],
  step: (value: Before) => Promise<After>,
): Promise<PromiseSettledResult<After>[]> {
  return Promise.allSettled(
    results.map(async (result) => {
      if (result.status === 'rejected') throw result.reason;
      return step(result.value);
    }),
  );
}

/** What has not failed. */
export function succeeded<Value>(results: readonly PromiseSettledResult<Value>[]): Value[] {
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
