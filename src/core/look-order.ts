import type { FileStat } from './file-system.ts';

/** Files for a worker to look at. */
export interface LookOrder {
  /** Absolute. */
  readonly paths: readonly string[];
  /** ms after which a look is slow. */
  readonly patience: number;
}

/** What is there, or why nobody can say; in the order of the paths. */
export type Look = FileStat | { readonly code: string | undefined; readonly message: string };

/** Orders are reported in their order. */
export interface LookReport {
  readonly looks: readonly Look[];
  /** How many looks took so long that they will have waited for a disk. */
  readonly slow: number;
}
