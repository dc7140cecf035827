import type { FileStat } from './file-system.ts';

/** Paths for a worker to look at, absolute and native. */
export interface LookOrder {
  readonly paths: readonly string[];
}

/** Why nothing is known of a path: Node's error code, and its message. */
export interface LookFailure {
  readonly code: string | undefined;
  readonly message: string;
}

/** What is at each of them, in their order. */
export interface LookReport {
  readonly found: readonly (FileStat | LookFailure)[];
}
