import type { LogFields, LogLevel } from '../core/logger.ts';
import { translate, type Language } from '../language/translate.ts';

/** Characters of a text in a log line; names are shorter, and nothing longer is worth keeping. */
const MAX_TEXT = 2000;

/** An event as one line of JSON: `{"time":…,"level":…,"event":…,…fields}`, time in ISO 8601. */
export function jsonLine(time: number, level: LogLevel, event: string, fields: LogFields): string {
  return JSON.stringify({ time: new Date(time).toISOString(), level, event, ...bounded(fields, event) });
}

/** An event as people read it. */
export interface LogSentence {
  /** ms since the Unix epoch. */
  readonly time: number;
  readonly level: LogLevel;
  /** Printable. */
  readonly sentence: string;
}

/** The sentence of an event. */
export function logSentence(
  language: Language,
  time: number,
  level: LogLevel,
  event: string,
  fields: LogFields,
): LogSentence {
  return { time, level, sentence: translate(language, event, bounded(fields, event)) };
}

/** A line for people: time of day, a mark when it is not good news, and the sentence. */
export function sentenceLine({ time, level, sentence }: LogSentence): string {
  const mark = { debug: '', info: '', warn: '! ', error: '!! ' }[level];
  return `${timeOfDay(time)} ${mark}${sentence}`;
}

function bounded(fields: LogFields, event: string): LogFields {
  const reserved: LogFields = { time: undefined, level: undefined, event };
  const kept = Object.entries(fields).filter(([name]) => !Object.hasOwn(reserved, name));
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value,
    ]),
  );
}

function timeOfDay(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
