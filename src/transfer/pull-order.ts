import type { Pull } from './pull.ts';

/** There is nothing to ask for in it now. */
export function isSpent({ over, unasked }: Pull): boolean {
  return over || unasked <= 0;
}

/** After those of the same rank. */
export function insertByRank(pulls: Pull[], pull: Pull): void {
  pulls.splice(pulls.findLastIndex(({ rank }) => rank <= pull.rank) + 1, 0, pull);
}
