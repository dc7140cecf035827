import type { Socket } from 'node:net';
import type { Clock, Timer } from '../core/clock.ts';
import { classicProgress, MAX_CLASSIC_REQUEST_BYTES } from '../wire/classic/request.ts';

/** ms without a further byte after which a request that may be complete is taken for complete. */
export const QUIET_MS = 30;
/**
 * The same for a request that its sender's kernel may have cut into several segments: one that was lost comes again
 * after 200 ms at the earliest (Linux's least retransmission timeout).
 */
export const LONG_QUIET_MS = 300;
/** A request up to this many bytes fits one segment of any local network. */
export const ONE_SEGMENT_BYTES = 1200;
/** ms that a caller has for its whole request. */
export const REQUEST_MS = 10_000;

/**
 * Reads a classic request, which begins with `firstBytes`: until it is silent, full, or the caller has closed its side
 * (PROTOCOL.md, clause 7.3). Undefined when no request begins like this, or when it did not come in time.
 */
export function readClassicRequest(
  socket: Socket,
  firstBytes: Uint8Array,
  clock: Clock,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    let quiet: Timer | undefined;
    const deadline = clock.after(REQUEST_MS, () => finish(undefined));
    const finish = (request: Uint8Array | undefined) => {
      deadline.cancel();
      quiet?.cancel();
      socket.off('data', add).off('end', end).off('close', close);
      resolve(request);
    };
    const end = () => finish(classicProgress(bytes) === 'none' ? undefined : bytes);
    const close = () => finish(undefined);
    const add = (chunk: Uint8Array) => {
      bytes = Buffer.concat([bytes, chunk]).subarray(0, MAX_CLASSIC_REQUEST_BYTES);
      quiet?.cancel();
      const progress = classicProgress(bytes);
      if (progress === 'none') finish(undefined);
      if (progress === 'full') finish(bytes);
      if (progress === 'perhaps-complete') {
        quiet = clock.after(bytes.length > ONE_SEGMENT_BYTES ? LONG_QUIET_MS : QUIET_MS, () => finish(bytes));
      }
    };
    socket.on('data', add).on('end', end).on('close', close);
    add(firstBytes);
    if (socket.destroyed) close();
    else socket.resume();
  });
}
