import { setTimeout as pause } from 'node:timers/promises';

/** Asks `isSo` again every `ms`, at most `tries` times, until it says yes. Returns whether it did. */
export async function polled(
  ms: number,
  isSo: () => boolean | Promise<boolean>,
  tries = Infinity,
): Promise<boolean> {
  for (let left = tries; left > 0; left -= 1) {
    if (await isSo()) return true;
    await pause(ms);
  }
  return false;
}
