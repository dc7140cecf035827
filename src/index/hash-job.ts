import type { DigestOutcome, HashOutcome, HashProgress } from './file-hasher.ts';

/** What a worker is asked for. */
export interface HashJob {
  readonly id: number;
  /** Absolute and native. */
  readonly path: string;
  readonly kind: 'blocks' | 'sha256';
}

/** What the hasher sends to a worker: jobs to be done in this order. */
export interface HashOrder {
  readonly jobs: readonly HashJob[];
}

/** What a worker sends back. */
export type HashReport =
  | { readonly type: 'progress'; readonly id: number; readonly progress: HashProgress }
  | {
      readonly type: 'done';
      readonly results: readonly { readonly id: number; readonly outcome: HashOutcome | DigestOutcome }[];
    };
