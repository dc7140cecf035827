/** Items that follow one another and belong together, as `belongs` says of each and the one before it; one at least. */
export function* runsOf<Item>(
  items: Iterable<Item>,
  belongs: (before: Item, item: Item) => boolean,
): Generator<readonly Item[], undefined> {
  let run: Item[] = [];
  for (const item of items) {
    if (run.length > 0 && !belongs(run.at(-1)!, item)) {
      yield run;
      run = [];
    }
    run.push(item);
  }
  if (run.length > 0) yield run;
}
