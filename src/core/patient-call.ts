import type { Clock } from './clock.ts';
import { systemErrorCode } from './errors.ts';
import { systemClock } from './system-clock.ts';

/** What Windows answers while another program has a file open and lets nobody else have it, or has yet to close one. */
const IN_USE: ReadonlySet<string> = new Set(['EBUSY', 'EPERM', 'EACCES']);
/** ms. Together they are longer than a virus scanner or an indexer looks at a file. */
const DELAYS = [10, 20, 40, 80, 160, 320];

type Call<Arguments extends unknown[], Result> = (...parameters: Arguments) => Promise<Result>;

/**
 * `call`, which on Windows is made again some times, over two thirds of a second, while the file is in use: others look into
 * files there just when they have been written, and nobody can rename or remove them meanwhile.
 */
export function patient<Arguments extends unknown[], Result>(
  call: Call<Arguments, Result>,
  clock: Clock = systemClock,
  platform: string = process.platform,
): Call<Arguments, Result> {
  if (platform !== 'win32') return call;
  return async (...parameters) => {
    for (const delay of DELAYS) {
      try {
        return await call(...parameters);
      } catch (error) {
        if (!IN_USE.has(systemErrorCode(error) ?? '')) throw error;
        await clock.sleep(delay);
      }
    }
    return call(...parameters);
  };
}
