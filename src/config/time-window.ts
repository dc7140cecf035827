/** When a limit of the schedule holds. */
export interface TimeWindow {
  /** Days, 0 = Sunday … 6 = Saturday. */
  readonly days: readonly number[];
  /** Minutes since local midnight; `until` may be smaller than `from`: past midnight. */
  readonly from: number;
  readonly until: number;
}

const DAYS = ['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa'];
const MINUTES_A_DAY = 24 * 60;
const MAX_TEXT = 80;

/**
 * Reads `Mo-Fr 08:00-18:00`, `Sa,Su 10:00-12:30` or, for every day, `22:00-06:00`; undefined when it is none of
 * these.
 */
export function readTimeWindow(text: string): TimeWindow | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const [, dayText, fromText, untilText] =
    /^\s*(?:(\S+)\s+)?(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*$/.exec(text) ?? [];
  if (fromText === undefined || untilText === undefined) return undefined;
  const days = dayText === undefined ? [0, 1, 2, 3, 4, 5, 6] : readDays(dayText);
  const from = readTimeOfDay(fromText);
  const until = readTimeOfDay(untilText);
  if (days === undefined || from === undefined || until === undefined || from === until) return undefined;
  return from === MINUTES_A_DAY ? undefined : { days, from, until };
}

function readDays(text: string): number[] | undefined {
  const days = new Set<number>();
  for (const part of text.toLowerCase().split(',')) {
    const [first, last, ...rest] = part.split('-').map((name) => DAYS.indexOf(name));
    if (first === undefined || first < 0 || rest.length > 0 || (last ?? 0) < 0) return undefined;
    for (let day = first; ; day = (day + 1) % DAYS.length) {
      days.add(day);
      if (day === (last ?? first)) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

function readTimeOfDay(text: string): number | undefined {
  const [hours, minutes] = text.split(':').map(Number);
  if (hours === undefined || minutes === undefined || minutes > 59) return undefined;
  const total = hours * 60 + minutes;
  return total <= MINUTES_A_DAY ? total : undefined;
}
