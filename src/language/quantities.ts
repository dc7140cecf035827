import type { Language } from './languages.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes as file managers show them: `999 B`, `1.2 MB`, `1,2 MB` in Spanish. */
export function formatSize(language: Language, bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What would be rounded up to 1000 belongs to the next unit.
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${formatNumber(language, value, digits)} ${UNITS[unit]}`;
}

/** Bytes a second. */
export function formatRate(language: Language, rate: number): string {
  return `${formatSize(language, rate)}/s`;
}

/** Seconds as `0:42`, `12:03` or `3:04:05`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}

/** How long something took: `3.2 s`, `12 s` or `2:05`. */
export function formatDuration(language: Language, seconds: number): string {
  if (seconds >= 59.5) return formatSeconds(seconds);
  return `${formatNumber(language, seconds, seconds < 9.95 ? 1 : 0)} s`;
}

/** A share of a whole, rounded down so that only what is complete is 100 %. */
export function formatPercent(part: number, whole: number): string {
  return `${whole === 0 ? 100 : Math.floor((100 * part) / whole)} %`;
}

/** An ISO 8601 time as local date and time of day, to the minute. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** A number with the separators of the language. */
export function formatNumber(language: Language, value: number, digits = 0): string {
  return FORMATS[language][digits === 0 ? 0 : 1].format(value);
}

const FORMATS = { en: formatsOf('en'), es: formatsOf('es') } as const;

function formatsOf(language: Language): [Intl.NumberFormat, Intl.NumberFormat] {
  return [
    new Intl.NumberFormat(language, { maximumFractionDigits: 0 }),
    new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  ];
}
