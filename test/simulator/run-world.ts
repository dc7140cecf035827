import { Simulation } from './simulation.ts';

/** Characters of what went wrong that are worth a look. */
const MAX_REPORT = 400;

/** Runs one world to its end. Says what went wrong with it, if anything did. */
export async function runWorld(seed: number, trace?: (line: string) => void): Promise<string | undefined> {
  try {
    await new Simulation({ seed, ...(trace ? { trace } : {}) }).run();
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? (error.stack ?? error.message).slice(0, MAX_REPORT)
      : String(error).slice(0, MAX_REPORT);
  } finally {
    // The database and the console have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
