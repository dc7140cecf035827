import type { Clock } from '../core/clock.ts';
import { CompartidosError } from '../core/errors.ts';
import { parseDownloadAnswer, parseSearchAnswer } from '../wire/classic/answer.ts';
import { encodeClassicDownload, encodeClassicSearch, PROBE_NAME } from '../wire/classic/request.ts';
import { ClassicCall, type ClassicCallOptions } from './classic-call.ts';

/** ms for the whole answer to a search. */
export const SEARCH_MS = 10_000;
/** ms without a byte after which a download is given up. */
export const DOWNLOAD_IDLE_MS = 30_000;

export interface ClassicClientOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Whether the classic node at `host` has a file of this name.
 * @throws CONNECTION_FAILED, CONNECTION_CLOSED (no answer), REQUEST_TIMED_OUT, MESSAGE_INVALID (other answer), ABORTED
 */
export function searchClassic(
  host: string,
  port: number,
  name: string,
  options: ClassicClientOptions,
): Promise<boolean> {
  return search({ host, port, ...options }, name, SEARCH_MS);
}

/**
 * The content of a file of the classic node at `host`, as it arrives. The caller sets the pace. The protocol says
 * neither how long the content is nor whether it is complete: a node that dies in an orderly way in mid-file cannot be
 * told from one that is done. A caller that cares fetches the file twice, or asks somebody else for its hash.
 * @throws NOT_FOUND, CONNECTION_FAILED, CONNECTION_CLOSED (reset, or no answer), REQUEST_TIMED_OUT (nothing came for
 *   30 s), REQUEST_REFUSED (`too-large`: more than `maxBytes`), MESSAGE_INVALID (another answer), ABORTED
 */
export async function* downloadClassic(
  host: string,
  port: number,
  name: string,
  options: ClassicClientOptions & { readonly maxBytes: number },
): AsyncGenerator<Uint8Array, void> {
  const call = await ClassicCall.open({ host, port, ...options }, encodeClassicDownload(name));
  try {
    let left = options.maxBytes;
    let piece: Uint8Array | undefined = await firstContent(call, name);
    for (; piece; piece = await call.read(DOWNLOAD_IDLE_MS)) {
      left -= piece.length;
      if (left < 0) throw new CompartidosError('REQUEST_REFUSED', { host, port, reason: 'too-large' });
      if (piece.length > 0) yield piece;
    }
  } finally {
    call.close();
  }
}

/**
 * Whether an agent of ours or a classic node listens at `host`, found out in clear text, which every kind of peer
 * survives: the first has the reserved name, the second does not.
 * @throws CONNECTION_FAILED, CONNECTION_CLOSED, REQUEST_TIMED_OUT, MESSAGE_INVALID when it cannot be told; ABORTED
 */
export async function probeClassic(
  host: string,
  port: number,
  options: ClassicClientOptions,
): Promise<'native' | 'classic'> {
  return (await search({ host, port, ...options }, PROBE_NAME, SEARCH_MS)) ? 'native' : 'classic';
}

async function search(options: ClassicCallOptions, name: string, timeoutMs: number): Promise<boolean> {
  const { clock } = options;
  const call = await ClassicCall.open(options, encodeClassicSearch(name));
  const deadline = clock.monotonic() + timeoutMs;
  try {
    let answer = Buffer.alloc(0);
    for (;;) {
      const piece = await call.read(Math.max(0, deadline - clock.monotonic()));
      if (!piece) throw call.closedEarly();
      answer = Buffer.concat([answer, piece]);
      const parsed = parseSearchAnswer(answer);
      if (parsed === 'invalid') throw unexpected('SI or NO', answer);
      if (parsed !== 'incomplete') return parsed === 'found';
    }
  } finally {
    call.close();
  }
}

/** The bytes that came together with OK, often none. */
async function firstContent(call: ClassicCall, name: string): Promise<Uint8Array> {
  let beginning = Buffer.alloc(0);
  for (;;) {
    const piece = await call.read(DOWNLOAD_IDLE_MS);
    if (!piece) throw call.closedEarly();
    beginning = Buffer.concat([beginning, piece]);
    const answer = parseDownloadAnswer(beginning);
    if (answer.type === 'content') return answer.first;
    if (answer.type === 'no-file') throw new CompartidosError('NOT_FOUND', { path: name });
    if (answer.type === 'invalid') throw unexpected('OK or NOFILE', beginning);
  }
}

function unexpected(expected: string, got: Uint8Array): CompartidosError {
  return new CompartidosError('MESSAGE_INVALID', {
    field: 'answer',
    expected,
    got: `${got.length} other bytes`,
  });
}
