import type { FileStat } from './file-system.ts';
import type { PassedError } from './passed-error.ts';

/** Paths for a worker to look at, absolute and native. */
export interface LookOrder {
  readonly paths: readonly string[];
}

/** What is at each of them, in their order, or why that is not known. */
export interface LookReport {
  readonly found: readonly (FileStat | PassedError)[];
}
