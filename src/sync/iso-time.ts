const LAST_US = Date.UTC(9999, 11, 31) * 1000;

/** `us` since the Unix epoch as ISO 8601, in UTC and with a year of four digits: what is beyond those is the first or last. */
export function isoTime(us: number): string {
  const bounded = Math.min(Math.max(us, 0), LAST_US);
  return new Date(Math.floor(bounded / 1000)).toISOString();
}
