import type { FileStat } from '../core/file-system.ts';

/** µs. What exFAT counts by; FAT counts by two seconds, HFS+ by one. */
const COARSE_TIME = 10_000;
const COARSEST_TIME = 2_000_000;

/**
 * µs. The times that every disk holds: FAT begins with 1980 in the local time, and 32 bits end in January 2038. Beyond
 * them a file gets the first or last time that its disk has.
 */
const FIRST_COMMON_TIME = Date.UTC(1980, 0, 2) * 1000;
const LAST_COMMON_TIME = Date.UTC(2038, 0, 18) * 1000;

/** µs. On Windows, Node.js gives files times in steps of 1.6 µs, and of twice that from 2057 on. */
const FINE_TIME = 2;
/** µs. And it tells the seconds of a file's time there in 32 bits, from 1970 on. */
const TOLD_SPAN = 2 ** 32 * 1_000_000;

/** Whether a file that was given the time `given` may show `shown` where that is not kept exactly; in µs. */
export function isTimeHeld(given: number, shown: number): boolean {
  const difference = Math.abs(given - shown);
  if (difference <= FINE_TIME || Math.abs(difference - TOLD_SPAN) <= FINE_TIME) return true;
  if (shown % COARSE_TIME !== 0) return false;
  if (given < shown) return shown <= FIRST_COMMON_TIME;
  return given - shown < COARSEST_TIME || shown >= LAST_COMMON_TIME;
}

/** Whether what lies on the disk may be the file of an entry: it has its size, and its time as far as the disk holds it. */
export function isFileOf({ size, mtimeUs }: Pick<FileStat, 'size' | 'mtimeUs'>, stat: FileStat): boolean {
  return stat.type === 'file' && stat.size === size && isTimeHeld(mtimeUs, stat.mtimeUs);
}
