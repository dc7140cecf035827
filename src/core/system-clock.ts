import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Timer } from './clock.ts';

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const handle = setTimeout(callback, ms);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  every(ms, callback): Timer {
    const handle = setInterval(callback, ms);
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
  async sleep(ms, signal) {
    await sleep(ms, undefined, signal ? { signal, ref: false } : { ref: false });
  },
};
