/** What a classic server answers with (PROTOCOL.md, clauses 7.5 to 7.7). */
export const FOUND = 'SI';
export const NOT_FOUND = 'NO';
export const CONTENT_FOLLOWS = 'OK';
export const NO_SUCH_FILE = 'NOFILE';

/** The answer to a search, complete or not; `invalid` when it can no longer become one. */
export function parseSearchAnswer(bytes: Uint8Array): 'found' | 'not-found' | 'incomplete' | 'invalid' {
  const text = Buffer.from(bytes.subarray(0, FOUND.length + 1)).toString('latin1');
  if (text === FOUND) return 'found';
  if (text === NOT_FOUND) return 'not-found';
  return FOUND.startsWith(text) || NOT_FOUND.startsWith(text) ? 'incomplete' : 'invalid';
}

export type DownloadAnswer =
  /** All that came after OK belongs to the file. */
  | { readonly type: 'content'; readonly first: Uint8Array }
  | { readonly type: 'no-file' }
  | { readonly type: 'incomplete' }
  | { readonly type: 'invalid' };

/** What the beginning of the answer to a download says. OK and the first bytes may have come together. */
export function parseDownloadAnswer(bytes: Uint8Array): DownloadAnswer {
  const text = Buffer.from(bytes.subarray(0, NO_SUCH_FILE.length + 1)).toString('latin1');
  if (text.startsWith(CONTENT_FOLLOWS)) {
    return { type: 'content', first: bytes.subarray(CONTENT_FOLLOWS.length) };
  }
  if (text === NO_SUCH_FILE) return { type: 'no-file' };
  const maybe = CONTENT_FOLLOWS.startsWith(text) || NO_SUCH_FILE.startsWith(text);
  return { type: maybe ? 'incomplete' : 'invalid' };
}
