import { readFile } from 'node:fs/promises';

const ROOT = new URL('../../../', import.meta.url);

/** A file of the sources, by its path from the top of the project. */
export async function readSource(path: string): Promise<string> {
  return readFile(new URL(path, ROOT), 'utf8');
}

/** The test vectors of one file, with `{"hex": …}` as bytes and null as undefined (PROTOCOL.md, section 9). */
export async function readVectors<Vectors>(name: string): Promise<Vectors> {
  return revive(JSON.parse(await readSource(`test/wire/vectors/${name}.json`))) as Vectors;
}

function revive(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object') return value;
  if ('hex' in value) return Uint8Array.from(Buffer.from(value.hex as string, 'hex'));
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, revive(element)]));
}
