const MAX_LENGTH = 64;
/** In a shorter word one slip may be half of it. */
const MIN_LENGTH = 3;
/** What a key that was written at the wrong level is farther away. */
const WRONG_LEVEL = 0.5;

/**
 * The one of `candidates` that a person who typed `word` most likely meant, or undefined when none is near: one slip in
 * three letters, since a wrong guess sends people astray.
 */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const typed = word.toLowerCase().replaceAll('-', '_');
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    // A key may have been written at the wrong level: then its last part counts.
    const distance = Math.min(
      editDistance(typed, candidate),
      editDistance(typed, candidate.slice(candidate.lastIndexOf('.') + 1)) + WRONG_LEVEL,
    );
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  const slips = typed.length < MIN_LENGTH ? 0 : Math.round(typed.length / 3);
  return bestDistance <= slips + WRONG_LEVEL ? best : undefined;
}

/** Insertions, deletions, substitutions and swaps of neighbours that lead from one text to the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, before[column - 2]! + 1);
      }
      current.push(cost);
    }
    [before, above] = [above, current];
  }
  return above[b.length]!;
}
