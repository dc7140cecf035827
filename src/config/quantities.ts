/** Readers of the quantities that people write in config.yaml. Each returns undefined for what it cannot read. */

const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1e9,
  gb: 1e9,
  gib: 1024 ** 3,
  t: 1e12,
  tb: 1e12,
  tib: 1024 ** 4,
};

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  '': 1000,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The slowest limit that can be set, in bytes a second: below it nothing would ever finish. */
const MIN_RATE = 1000;
const MAX_TEXT = 40;

/** Bytes, from a number of bytes or a text such as `10 MB` (10^6) or `1.5 GiB` (2^30). */
export function readSize(value: unknown): number | undefined {
  return readQuantity(value, BYTES);
}

/** Bytes a second, at least 1000: `5 MB/s`, where `/s` may be left out, or a number. */
export function readRate(value: unknown): number | undefined {
  const isShort = typeof value === 'string' && value.length <= MAX_TEXT;
  const size = readSize(isShort ? value.replace(/\s*\/\s*s\s*$/i, '') : value);
  return size !== undefined && size >= MIN_RATE ? size : undefined;
}

/** Milliseconds, from a number of seconds or a text such as `500 ms`, `30 s`, `5 min`, `1 h`, `2 d`. */
export function readDuration(value: unknown): number | undefined {
  return readQuantity(value, MILLISECONDS);
}

function readQuantity(value: unknown, units: Readonly<Record<string, number>>): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.length > MAX_TEXT) return undefined;
  const [, digits, name] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  if (digits === undefined || name === undefined || !Object.hasOwn(units, name.toLowerCase()))
    return undefined;
  const quantity = Math.round(Number(digits) * units[name.toLowerCase()]!);
  return Number.isSafeInteger(quantity) ? quantity : undefined;
}
