import { z } from 'zod';
import { configSchema } from './schema.ts';

/** Every key of config.yaml, as `limits.down` and `rules[].match`; those of maps that hold more are not listed. */
export const KNOWN_KEYS: readonly string[] = keysOf(configSchema, '');

/** The keys known in the map at `path`, without what leads there. */
export function knownKeysAt(path: readonly PropertyKey[]): string[] {
  const prefix = path
    .map((key) => (typeof key === 'number' ? '[]' : String(key)))
    .map((key) => (key === '[]' ? '[].' : `${key}.`))
    .join('')
    .replaceAll('.[]', '[]');
  return KNOWN_KEYS.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

function keysOf(schema: unknown, prefix: string): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return keysOf(inner.element, `${prefix}[]`);
  if (!(inner instanceof z.ZodObject)) return prefix === '' || prefix.endsWith('[]') ? [] : [prefix];
  const shape = inner.shape as Readonly<Record<string, unknown>>;
  return Object.entries(shape).flatMap(([key, value]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    const below = keysOf(value, name);
    return below.length > 0 ? below : [name];
  });
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) inner = inner.unwrap();
  return inner;
}
