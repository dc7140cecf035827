import type { DeviceId } from '../model/device-id.ts';

/** Dials under way, in all, at the word of one source, to one device and to one host. */
export const MAX_DIALS = 16;
const MAX_DIALS_PER_SOURCE = 8;
const MAX_DIALS_PER_DEVICE = 4;
const MAX_DIALS_PER_HOST = 4;

/** How it is known that a peer may be somewhere. */
export type Origin = 'mdns' | 'static' | 'remembered' | 'told';

/** A candidate, and what became of it so far. */
export interface Dialled {
  readonly host: string;
  origin: Origin;
  /** Who says that it is there; its own host where it does itself, or where that is known. */
  source: string;
  /** Who is said to be there. */
  expect: DeviceId | undefined;
  /** When it was last dialled, on the monotonic clock; -Infinity: never. ms. */
  dialledAt: number;
  /** Failures in a row. */
  failures: number;
  /** Dials under way. */
  readonly dials: { readonly size: number };
}

/**
 * Which of `due` is dialled next, if any may be while `running` are under way (each as often as it is). Others beside one
 * under way come last; those of the configuration first, then those of whose source the fewest are under way, and of these
 * the one that had its turn longest ago, lest one that names hundreds of addresses keeps all others waiting; then those
 * that failed least. `all` are those that are known.
 */
export function nextDue<Entry extends Dialled>(
  due: Iterable<Entry>,
  running: readonly Dialled[],
  all: Iterable<Dialled>,
): Entry | undefined {
  const ofSource = countBy(running, ({ source }) => source);
  const ofHost = countBy(running, ({ host }) => host);
  const ofDevice = countBy(running, ({ expect }) => expect);
  const lastTurns = new Map<string, number>();
  for (const { source, dialledAt } of all) {
    lastTurns.set(source, Math.max(dialledAt, lastTurns.get(source) ?? -Infinity));
  }
  const underWay = ({ source }: Dialled) => ofSource.get(source) ?? 0;
  const lastTurn = ({ source }: Dialled) => lastTurns.get(source) ?? -Infinity;
  const mayBegin = (entry: Dialled) =>
    underWay(entry) < MAX_DIALS_PER_SOURCE &&
    (ofHost.get(entry.host) ?? 0) < MAX_DIALS_PER_HOST &&
    (entry.expect === undefined || (ofDevice.get(entry.expect) ?? 0) < MAX_DIALS_PER_DEVICE);
  const compare = (a: Dialled, b: Dialled) =>
    Math.sign(a.dials.size) - Math.sign(b.dials.size) ||
    Number(b.origin === 'static') - Number(a.origin === 'static') ||
    underWay(a) - underWay(b) ||
    compareNumbers(lastTurn(a), lastTurn(b)) ||
    a.failures - b.failures;
  let next: Entry | undefined;
  for (const entry of due) if (mayBegin(entry) && (!next || compare(entry, next) < 0)) next = entry;
  return next;
}

/** The one to go when there are too many: of the source that named most, of those that fail most, the first. */
export function mostDispensable<Entry extends Dialled>(entries: readonly Entry[]): Entry | undefined {
  const ofSource = countBy(entries, ({ source }) => source);
  const compare = (a: Dialled, b: Dialled) =>
    ofSource.get(a.source)! - ofSource.get(b.source)! || a.failures - b.failures;
  let most = entries[0];
  for (const entry of entries) if (compare(entry, most!) > 0) most = entry;
  return most;
}

function countBy<Key>(entries: readonly Dialled[], keyOf: (entry: Dialled) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const entry of entries) counts.set(keyOf(entry), (counts.get(keyOf(entry)) ?? 0) + 1);
  return counts;
}

/** -Infinity included, whose difference to itself is no number. */
function compareNumbers(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
