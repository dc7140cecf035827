import { z } from 'zod';
import { matchesNothing } from '../model/glob.ts';
import { readPeerAddress } from './peer-address.ts';
import { readDuration, readRate, readSize } from './quantities.ts';
import { readDevices, readInto, readPatterns } from './read-rule.ts';

/**
 * The shape of config.yaml. The message of every issue says what was expected: the key of a phrase under `expected.`
 * in `language/`, and after a colon what fills it in. A key without a value counts as left out.
 */

const MAX_NAME_BYTES = 63;
const MAX_LIST = 1000;
const MIN_QUERY_INTERVAL_MS = 1000;
const MAX_QUERY_INTERVAL_MS = 86_400_000;
const MIN_LOG_BYTES = 64 * 1024;

function leaf<Value>(expected: string, read: (value: unknown) => Value | undefined) {
  return z
    .unknown()
    .transform((value, context) => {
      const result = read(value);
      if (result !== undefined) return result;
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    })
    .nullish();
}

function choice<const Values extends readonly string[]>(...values: Values) {
  return z.enum(values, { error: `one-of:${values.join(', ')}` }).nullish();
}

function whole(from: number, to: number) {
  return leaf(`whole:${from}–${to}`, (value) =>
    Number.isInteger(value) && Number(value) >= from && Number(value) <= to ? Number(value) : undefined,
  );
}

function map<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: 'map' });
}

function list<Item extends z.ZodType>(item: Item) {
  return z.array(item, { error: 'list' }).max(MAX_LIST, { error: 'list' }).nullish();
}

const flag = z.boolean({ error: 'boolean' }).nullish();
const size = leaf('size', readSize);
const rate = leaf('rate', readRate);

/** Each pattern that nothing can match is told of by itself: a rule would wait for ever, or let pass what it excludes. */
const patterns = z.unknown().transform((value, context) => {
  const read = readPatterns(value);
  if (!read) {
    context.addIssue({ code: 'custom', message: 'patterns' });
    return z.NEVER;
  }
  for (const [at, pattern] of read.entries()) {
    if (!matchesNothing(pattern.replace(/^!/, ''))) continue;
    context.addIssue({ code: 'custom', message: 'inner-pattern', path: Array.isArray(value) ? [at] : [] });
  }
  return read;
});

const rule = map({
  match: patterns,
  from: leaf('devices', readDevices),
  max_size: size,
  into: leaf('into', readInto),
  mode: choice('fetch', 'mirror', 'sync'),
  priority: whole(-1000, 1000),
});

export const configSchema = map({
  name: leaf('name', readName),
  folder: leaf('path', readPath),
  port: whole(0, 65_535),
  language: choice('es', 'en'),
  access: choice('open'),
  classic: flag,
  discovery: map({
    mdns: flag,
    peers: list(leaf('address', readPeerAddress)),
    query_interval: leaf('interval', readQueryInterval),
  }).nullish(),
  rules: list(rule),
  limits: map({
    downloads: whole(1, 1000),
    downloads_per_peer: whole(1, 1000),
    down: rate,
    up: rate,
    per_peer: rate,
    schedule: z.record(z.string(), rate, { error: 'map' }).nullish(),
  }).nullish(),
  durability: choice('full', 'fast'),
  min_free: size,
  trash: map({ days: whole(1, 36_500), max_size: size }).nullish(),
  log: map({
    level: choice('debug', 'info', 'warn', 'error'),
    max_size: leaf('log-size', readLogSize),
    files: whole(1, 100),
  }).nullish(),
});

/** config.yaml as it was written: what was left out is null or undefined. */
export type Config = z.infer<typeof configSchema>;

/** Whether a device may have this name. */
export function isValidName(name: string): boolean {
  return readName(name) !== undefined;
}

function readName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = value.normalize('NFC').trim();
  const printable = name.isWellFormed() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name);
  return printable && name !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES ? name : undefined;
}

function readPath(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' && !value.includes('\0') ? value : undefined;
}

function readQueryInterval(value: unknown): number | undefined {
  const ms = readDuration(value);
  return ms !== undefined && ms >= MIN_QUERY_INTERVAL_MS && ms <= MAX_QUERY_INTERVAL_MS ? ms : undefined;
}

function readLogSize(value: unknown): number | undefined {
  const bytes = readSize(value);
  return bytes !== undefined && bytes >= MIN_LOG_BYTES ? bytes : undefined;
}
