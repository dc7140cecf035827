import { randomBytes } from 'node:crypto';

/** Randomness, injected so that tests and the simulator can replay it. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
}

/** The machine's own cryptographic randomness. */
export const systemRandom: Random = {
  next: () => randomBytes(4).readUInt32LE() / 2 ** 32,
  bytes: (length) => randomBytes(length),
};
