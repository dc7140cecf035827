import type { RelativePath } from '../../model/relative-path.ts';

export interface ListedFile {
  readonly path: RelativePath;
  /** Bytes. */
  readonly size: number;
  /** µs since the Unix epoch. */
  readonly mtimeUs: number;
  /** Hex. */
  readonly sha256: string;
}

const ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };
/** The last moment that ECMAScript's dates can name, in ms (ECMA-262, section 21.4.1.1). */
const LAST_DATE_MS = 8.64e15;

/** The line of a file in the answer to LISTAR, its newline included (PROTOCOL.md, clause 7.7). */
export function formatListingLine({ path, size, mtimeUs, sha256 }: ListedFile): string {
  const ms = Math.max(-LAST_DATE_MS, Math.min(LAST_DATE_MS, Math.floor(mtimeUs / 1000)));
  return `${size}\t${new Date(ms).toISOString()}\t${sha256}\t${escapeName(path)}\n`;
}

/** A backslash cannot occur in a name, so an escape cannot be mistaken for a part of one. */
function escapeName(name: string): string {
  return name.replace(
    /\p{Cc}/gu,
    (control) => ESCAPES[control] ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
