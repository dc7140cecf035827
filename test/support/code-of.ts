import { systemErrorCode } from '../../src/core/errors.ts';

/** The code of the system's error that `promise` rejects with; undefined when it does not reject. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return systemErrorCode(error);
  }
}
